using System.Globalization;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Disks.Import;

/// <summary>
/// Makes a raw image of a qcow2 file, with qemu-img. The file may be anybody's, and qemu-img is treated as if it were taken over by it: its own
/// user, no network, no way to gain anything, and limits on time, memory and what it may write.
/// </summary>
internal static class Qcow2Import
{
    private const int LongestSeconds = 600;
    private const long MemoryBytes = 2L << 30;

    /// <param name="source">A file that belongs to the import: its owner is changed.</param>
    /// <param name="result">The raw image: there is none yet, and none if this fails. Durable, and root's.</param>
    /// <param name="folder">An empty folder of the import, which the converter gets; on the file system of both files.</param>
    /// <param name="userId">A user that nothing else runs as.</param>
    /// <exception cref="RefusedImageException">It isn't taken; the message says why.</exception>
    public static async Task RunAsync(string source, string result, string folder, long userId, long mostBytes, CancellationToken cancellation)
    {
        var header = Qcow2Header.Read(ReadHead(source), mostBytes);
        var (input, output) = (Path.Combine(folder, "source"), Path.Combine(folder, "result"));
        try
        {
            File.Move(source, input);
            await using (var file = new FileStream(output, FileMode.CreateNew, FileAccess.Write))
            {
                file.SetLength(header.DiskBytes);
            }

            Give(folder, userId, DataDirectory.Private);
            Give(input, userId, UnixFileMode.UserRead);
            Give(output, userId, DataDirectory.PrivateFile);
            await ConvertAsync(input, output, userId, header, cancellation);
            Take(output, result, header);
        }
        finally
        {
            File.Delete(input);
            File.Delete(output);
        }
    }

    private static byte[] ReadHead(string source)
    {
        using var file = new FileStream(source, FileMode.Open, FileAccess.Read);
        var head = new byte[Qcow2Header.Bytes];
        return head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    private static async Task ConvertAsync(string input, string output, long userId, Qcow2Header header, CancellationToken cancellation)
    {
        var user = userId.ToString(CultureInfo.InvariantCulture);
        var command = await HostCommand.RunAsync(
            "unshare",
            [
                "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child=KILL", "--",
                "prlimit", $"--fsize={header.DiskBytes}", $"--as={MemoryBytes}", $"--cpu={LongestSeconds}", "--core=0", "--",
                "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--",
                "qemu-img", "convert", "-n", "--target-is-zero", "-O", "raw", Source(input), output,
            ],
            TimeSpan.FromSeconds(LongestSeconds),
            cancellation);
        if (!command.Succeeded)
        {
            throw new RefusedImageException($"qemu-img could not read the image: {command.Output.Trim()}");
        }
    }

    /// <summary>Names the format and says that nothing lies below, so that qemu-img guesses neither.</summary>
    private static string Source(string path) =>
        $$$"""json:{"driver":"qcow2","backing":null,"file":{"driver":"file","filename":"{{{System.Text.Json.JsonEncodedText.Encode(path)}}}"}}""";

    /// <summary>No process of the converter is left that could still have the file open: its process namespace has ended.</summary>
    private static void Take(string output, string result, Qcow2Header header)
    {
        Give(output, 0, DataDirectory.PrivateFile);
        if (new FileInfo(output) is not { Exists: true, LinkTarget: null } file || file.Length != header.DiskBytes)
        {
            throw new RefusedImageException("qemu-img did not make what the image's head says");
        }

        using (var handle = File.OpenHandle(output, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(output, result);
        FileSystem.FlushDirectory(Path.GetDirectoryName(result)!);
    }

    private static void Give(string path, long userId, UnixFileMode mode)
    {
        FileSystem.ChangeOwner(path, userId, userId);
        if (new FileInfo(path).LinkTarget is null)
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}

using Microsoft.Extensions.Options;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Hosting;

/// <summary>
/// The folder of one dom0 and its lock. Engines pass through it to files of their own (mode 0711), and list nothing.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    public const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    /// <exception cref="IOException">Another dom0 has it.</exception>
    public DataDirectory(IOptions<Dom0Options> options)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Value.Data));
        FileSystem.SetUmask(0x3F); // 0077
        Make(Root, Passable);
        _lock = Lock(Path.Combine(Root, "lock"));
        Make(Domains, Passable);
        Make(Guests, Passable);
        Make(Images, Private);
        Make(Disks, Private);
    }

    public string Root { get; }

    public string Domains => Path.Combine(Root, "domains");

    public string Images => Path.Combine(Root, "images");

    /// <summary>Of all domains.</summary>
    public string Disks => Path.Combine(Root, "disks");

    /// <summary>Of all domains; a file system in memory where there are any.</summary>
    public string ConfigDrives => Path.Combine(Root, "config-drives");

    /// <summary>Kernels and initramfs archives, named by their content.</summary>
    public string Guests => Path.Combine(Root, "guests");

    public static void Make(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Readers see the old content or the new, and what is written survives a power cut.</summary>
    public static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        var pending = path + ".tmp";
        using (var file = new FileStream(pending, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(pending, path, overwrite: true);
        FileSystem.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"{path}: another dom0 owns this data directory", error);
        }
    }
}

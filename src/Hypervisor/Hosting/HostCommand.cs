using System.Diagnostics;

namespace Orchestrator.Hypervisor.Hosting;

/// <summary>What a finished tool said. <see cref="Output"/> is both of its streams.</summary>
internal sealed record CommandResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Runs a tool of the host (mke2fs, resize2fs, an engine's <c>--version</c>) with bounded time and output.</summary>
internal static class HostCommand
{
    private const int LongestOutput = 64 * 1024;

    /// <summary>Debian's users' PATH lacks sbin, where mke2fs is.</summary>
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The program's full path, or null if it isn't installed.</summary>
    public static string? Find(string program) => Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <exception cref="FileNotFoundException">It isn't installed.</exception>
    /// <exception cref="TimeoutException">It was killed.</exception>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellation)
    {
        var path = Find(program) ?? throw new FileNotFoundException($"{program} is not installed", program);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limit);
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        try
        {
            var output = ReadAsync(process.StandardOutput, timeout.Token);
            var error = ReadAsync(process.StandardError, timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new CommandResult(process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException($"{program} did not end within {limit.TotalSeconds:0} s");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellation)
    {
        var text = new char[LongestOutput];
        var length = await reader.ReadBlockAsync(text, cancellation);

        // The rest is read, so that the tool doesn't block, and dropped.
        var rest = new char[4096];
        while (length == LongestOutput && await reader.ReadAsync(rest, cancellation) > 0)
        {
        }

        return new string(text, 0, length);
    }
}

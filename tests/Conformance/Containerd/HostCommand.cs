using System.Diagnostics;

namespace Orchestrator.Conformance.Containerd;

/// <summary>Runs a program of the host and waits for it.</summary>
internal static class HostCommand
{
    /// <exception cref="InvalidOperationException">It ended with another status than 0.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (status, output, error) = await TryAsync(program, arguments);
        return status == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: status {status}: {error}{output}");
    }

    public static async Task<(int Status, string Output, string Error)> TryAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    public static Process Start(string program, params string[] arguments)
        => Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{program} did not start");
}

using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.NodeAgent.Networking;

/// <summary>How a program ended and what it said.</summary>
internal readonly record struct ToolResult(int ExitCode, string Output, string Errors);

/// <summary>Runs programs of the host that end soon.</summary>
/// <param name="entry">The words before each command, if the host's network is another than ours.</param>
internal sealed class HostTools(params string[] entry)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <exception cref="IOException">It can't be run, or doesn't end.</exception>
    public async Task<ToolResult> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string input, CancellationToken cancellation)
    {
        string[] words = [.. entry, .. command];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        using var process = Start(start);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{words[0]} did not end within {Limit.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    public Task<ToolResult> RunAsync(CancellationToken cancellation, params string[] command) =>
        RunAsync(command, new Dictionary<string, string>(), "", cancellation);

    /// <exception cref="IOException">It failed.</exception>
    public async Task RequireAsync(CancellationToken cancellation, params string[] command)
    {
        var result = await RunAsync(cancellation, command);
        if (result.ExitCode != 0) throw Failed(command, result);
    }

    /// <summary>What a program prints as a JSON array; nothing is an empty one.</summary>
    /// <exception cref="IOException">It failed, or printed something else.</exception>
    public Task<JsonArray> ReadJsonAsync(CancellationToken cancellation, params string[] command) => ReadJsonAsync("", cancellation, command);

    /// <summary>The same, where the array is in a field of what is printed.</summary>
    public async Task<JsonArray> ReadJsonAsync(string field, CancellationToken cancellation, params string[] command)
    {
        var result = await RunAsync(cancellation, command);
        if (result.ExitCode != 0) throw Failed(command, result);
        try
        {
            if (result.Output.AsSpan().IsWhiteSpace()) return [];
            var printed = JsonNode.Parse(result.Output)!;
            return (field.Length > 0 ? printed[field]! : printed).AsArray();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new IOException($"{string.Join(' ', command)}: {broken.Message}", broken);
        }
    }

    /// <summary>Runs a program on lines, if there are any.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public async Task BatchAsync(IReadOnlyList<string> command, IReadOnlyCollection<string> lines, CancellationToken cancellation)
    {
        if (lines.Count == 0) return;
        var result = await RunAsync(command, new Dictionary<string, string>(), string.Join('\n', lines) + "\n", cancellation);
        if (result.ExitCode != 0) throw Failed(command, result);
    }

    private static IOException Failed(IReadOnlyList<string> command, ToolResult result) =>
        new($"{string.Join(' ', command)}: {result.Errors}{result.Output}".Trim());

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new IOException($"{start.FileName}: {missing.Message}", missing);
        }
    }
}

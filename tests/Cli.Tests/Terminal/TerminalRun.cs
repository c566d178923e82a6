using System.Diagnostics;
using System.Text;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Terminal;

/// <summary>A shell script that runs the built orc as a process, on a terminal of its own (util-linux' script) or on pipes.</summary>
internal sealed class TerminalRun : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // The copy beside the tests lacks what ASP.NET Core brings: orc itself runs without it.
    private static readonly string BuiltOrc = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/Cli/bin", Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Name, "net10.0"));

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TerminalRun(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _reading = ReadAsync();
    }

    public static TerminalRun OnTerminal(FakeServer server, string script) => Start(server, "script", "-q", "-e", "-c", $"bash -c '{script}'", "/dev/null");

    public static TerminalRun OnPipes(FakeServer server, string script) => Start(server, "bash", "-c", script);

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until the output has the text.</summary>
    public async Task UntilAsync(string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            Task grown;
            lock (_output)
            {
                if (_output.ToString().Contains(text, StringComparison.Ordinal)) return;
                grown = _grown.Task;
            }
            try
            {
                await grown.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"no \"{text}\" in: {Output}");
            }
        }
    }

    public async Task<string> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        await _reading.WaitAsync(limit.Token);
        return Output;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static TerminalRun Start(FakeServer server, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{BuiltOrc}:{start.Environment["PATH"]}";
        start.Environment["ORC_SERVER"] = server.Address;
        start.Environment["ORC_CONFIG"] = "/nonexistent/config.yaml";
        return new TerminalRun(start);
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, count);
                _grown.SetResult();
                _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}

using System.Diagnostics;
using System.Text;

namespace Orchestrator.Functional.Running;

/// <summary>A program that runs while the test reads what it prints and types into it. Disposing kills it.</summary>
public sealed class RunningCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningCommand(Process process, string command)
    {
        _process = process;
        Command = command;
        _reading = Task.WhenAll(Read(process.StandardOutput, _output), Read(process.StandardError, _errors));
    }

    public string Command { get; }

    /// <summary>What it has printed so far.</summary>
    public string Output => Printed(_output);

    public static RunningCommand Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new RunningCommand(Process.Start(start)!, $"{Path.GetFileName(file)} {string.Join(' ', start.ArgumentList)}");
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits until the program has printed a text and returns all that it printed so far.</summary>
    public async Task<string> PrintsAsync(string text, TimeSpan limit)
    {
        using var cancel = new CancellationTokenSource(limit, TimeProvider.System);
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            var printed = Printed(_output);
            if (printed.Contains(text, StringComparison.Ordinal)) return printed;
            if (_reading.IsCompleted || cancel.IsCancellationRequested)
                Assert.Fail($"{Command}\ndid not print \"{text}\" within {limit.TotalSeconds} s, but:\n{printed}{Printed(_errors)}");
            await Task.WhenAny(more, _reading, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel.Token));
        }
    }

    /// <summary>Waits for the program's end; a program that takes longer is killed and fails the test.</summary>
    public async Task<CommandResult> EndsAsync(TimeSpan limit)
    {
        using var cancel = new CancellationTokenSource(limit, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(cancel.Token);
            await _reading.WaitAsync(cancel.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"{Command}\nran longer than {limit.TotalSeconds} s; it printed:\n{Printed(_output)}{Printed(_errors)}");
        }
        return new CommandResult(Command, _process.ExitCode, Printed(_output), Printed(_errors));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task Read(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is var count and > 0)
        {
            lock (into) into.Append(buffer, 0, count);
            Interlocked.Exchange(ref _more, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    private static string Printed(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}

using System.Globalization;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>
/// A container of the fake runtime. Its command is <c>/bin/sh -c SCRIPT</c> in a tiny dialect, statements between
/// semicolons: <c>echo TEXT</c>, <c>echo TEXT >&amp;2</c>, <c>exit N</c>, <c>exec sleep N</c> (runs until it is
/// stopped), <c>trap '' TERM</c> (stopping takes the whole grace period), <c>cat</c> (waits for the end of the input).
/// </summary>
internal sealed class FakeContainer(string id, string sandbox, ContainerConfig config, string logDirectory, TimeProvider time)
{
    private const int TerminatedExitCode = 143;
    private const int KilledExitCode = 137;
    private readonly Queue<string> _statements = new((config.Command.LastOrDefault() ?? "exec sleep 1000").Split(';', StringSplitOptions.TrimEntries));
    private bool _stubborn;

    public string Id => id;

    public string SandboxId => sandbox;

    public ContainerConfig Config => config;

    public ContainerState State { get; private set; } = ContainerState.ContainerCreated;

    public long CreatedAt { get; } = Nanoseconds(time);

    public long StartedAt { get; private set; }

    public long FinishedAt { get; private set; }

    public int ExitCode { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>Runs the script up to where it waits or ends. False if there is no such program.</summary>
    public bool Start()
    {
        StartedAt = Nanoseconds(time);
        if (config.Command.Count > 0 && config.Command[0] != "/bin/sh")
        {
            End(128, "StartError");
            return false;
        }

        State = ContainerState.ContainerRunning;
        Continue();
        return true;
    }

    /// <summary>Goes on behind a <c>cat</c>.</summary>
    public void Continue()
    {
        while (_statements.TryDequeue(out var statement))
            if (!Execute(statement)) return;
        End(0, "Completed");
    }

    public void Stop(TimeSpan grace)
    {
        if (State != ContainerState.ContainerRunning) return;
        End(_stubborn || grace == TimeSpan.Zero ? KilledExitCode : TerminatedExitCode, "Error");
    }

    public void Kill(int exitCode, string reason) => End(exitCode, reason);

    private bool Execute(string statement)
    {
        if (statement.StartsWith("echo ", StringComparison.Ordinal)) Print(statement["echo ".Length..]);
        else if (statement.StartsWith("trap", StringComparison.Ordinal)) _stubborn = true;
        else if (statement.StartsWith("exit ", StringComparison.Ordinal))
        {
            var code = int.Parse(statement["exit ".Length..], CultureInfo.InvariantCulture);
            End(code, code == 0 ? "Completed" : "Error");
            return false;
        }
        else if (statement == "cat" || statement.Contains("sleep", StringComparison.Ordinal)) return false;
        return true;
    }

    private void Print(string text)
    {
        var error = text.EndsWith(">&2", StringComparison.Ordinal);
        var path = Path.Join(logDirectory, config.LogPath);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.AppendAllText(path, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffffffZ} {(error ? "stderr" : "stdout")} F {(error ? text[..^3].TrimEnd() : text)}\n");
    }

    private void End(int exitCode, string reason)
    {
        (ExitCode, Reason, State) = (exitCode, reason, ContainerState.ContainerExited);
        FinishedAt = Math.Max(Nanoseconds(time), StartedAt + 1);
    }

    public static long Nanoseconds(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}

using System.Globalization;
using System.Text;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>What is known when an engine has ended. Only <see cref="Reported"/> is the guest's word, and it can lie only about itself.</summary>
internal readonly record struct RunFacts(
    bool KilledByUs, bool OutOfMemory, int? EngineExit, int? Reported, bool WasStopping, bool Watched, string EngineMessages);

/// <summary>Why a domain ended, and the workload's exit code if the guest told it.</summary>
internal readonly record struct RunEnd(string Reason, string Message, int? ExitCode)
{
    private const int ReportBytes = 64;
    private const string ReportPrefix = "exit ";

    public static RunEnd Judge(RunFacts facts)
    {
        var (reason, message) = facts switch
        {
            { KilledByUs: true } => (Reasons.Killed, "dom0 killed it"),
            { Reported: { } code } => (Reasons.GuestShutdown, $"the workload ended with exit code {code}, and the guest shut down"),
            { OutOfMemory: true } => (Reasons.OutOfMemory, "the engine took more memory than its control group may have"),
            { EngineExit: 0 } => (Reasons.GuestShutdown, "the guest shut down"),
            { EngineExit: { } code } => (Reasons.EngineCrashed, $"the engine ended with code {code}: {facts.EngineMessages}"),
            { Watched: false } => (Reasons.EndedUnwatched, "it ended while no dom0 watched it"),
            { WasStopping: true } => (Reasons.GuestShutdown, "the guest shut down"),
            _ => (Reasons.EndedUnwatched, "an adopted engine ended; how is known only to its parent"),
        };
        return new RunEnd(reason, message, facts.Reported);
    }

    /// <summary>What the guest's init wrote on the report disk, or null.</summary>
    public static int? ReadReport(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        Span<byte> head = stackalloc byte[ReportBytes];
        using var file = File.OpenRead(path);
        var text = Encoding.ASCII.GetString(head[..file.ReadAtLeast(head, ReportBytes, throwOnEndOfStream: false)]).Split('\n')[0];
        return text.StartsWith(ReportPrefix, StringComparison.Ordinal)
            && int.TryParse(text[ReportPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code <= 255
                ? code
                : null;
    }
}

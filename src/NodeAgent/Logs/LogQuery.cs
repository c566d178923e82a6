namespace Orchestrator.NodeAgent.Logs;

/// <summary>Which part of a log is wanted. <see cref="Ended"/> says whether the writer is done; a follower stops then.</summary>
internal sealed record LogQuery(
    string Path, bool Follow, long? TailLines, DateTimeOffset? Since, bool Timestamps, Func<CancellationToken, Task<bool>> Ended);

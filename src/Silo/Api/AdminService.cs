using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Backups;

namespace Orchestrator.Silo.Api;

/// <summary>The door to the cluster as a whole: its backup, and its restoration.</summary>
internal sealed class AdminService(ObjectCache cache, Sequencer sequencer, ILogger<AdminService> logger) : Admin.AdminBase
{
    private const int MaximumBackupBytes = 1 << 30;

    public override async Task Backup(BackupRequest request, IServerStreamWriter<BackupPart> parts, ServerCallContext context)
    {
        foreach (var part in new BackupWriter(cache).Write()) await parts.WriteAsync(new BackupPart { Data = part }, context.CancellationToken);
    }

    public override async Task<RestoreResponse> Restore(IAsyncStreamReader<BackupPart> parts, ServerCallContext context)
    {
        var (backup, problem) = Store.Backups.Backup.Read(await Receive(parts, context.CancellationToken));
        if (backup is null) throw new ApiError(ErrorReason.BadRequest, $"the file is not a whole backup: {problem}; nothing was changed").ToException();
        IReadOnlyList<Write> writes = [];
        var outcome = await sequencer.Commit(present => writes = RestorePlan.For(backup, present), context.CancellationToken);
        if (outcome == WriteOutcome.Full) throw ApiError.StoreFull.ToException();
        if (outcome != WriteOutcome.Committed) throw ApiError.StoreUnavailable.ToException();
        var answer = new RestoreResponse
        {
            BackupRevision = backup.Revision.Value,
            Revision = cache.Revision.Value,
            Created = writes.Count(write => write.Message is not null && write.Expected.Value == 0),
            Updated = writes.Count(write => write.Message is not null && write.Expected.Value != 0),
            Deleted = writes.Count(write => write.Message is null),
        };
        logger.LogWarning(
            "Restored the backup of revision {BackupRevision}: {Created} objects created, {Updated} updated, {Deleted} deleted",
            answer.BackupRevision, answer.Created, answer.Updated, answer.Deleted);
        return answer;
    }

    private static async Task<byte[]> Receive(IAsyncStreamReader<BackupPart> parts, CancellationToken cancellation)
    {
        using var file = new MemoryStream();
        await foreach (var part in parts.ReadAllAsync(cancellation))
        {
            if (file.Length + part.Data.Length > MaximumBackupBytes)
                throw new ApiError(ErrorReason.RequestEntityTooLarge, $"the backup is larger than {MaximumBackupBytes} bytes").ToException();
            part.Data.WriteTo(file);
        }

        return file.ToArray();
    }
}

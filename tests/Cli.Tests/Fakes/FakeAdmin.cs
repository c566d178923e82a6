using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Tests.Fakes;

/// <summary>A cluster whose backup is a few bytes, and that keeps what it is restored from.</summary>
internal sealed class FakeAdmin : Admin.AdminBase
{
    public byte[] Content { get; set; } = [];

    /// <summary>Ends a backup after its first part.</summary>
    public bool BreaksOff { get; set; }

    public override async Task Backup(BackupRequest request, IServerStreamWriter<BackupPart> responseStream, ServerCallContext context)
    {
        foreach (var half in Content.Chunk(Math.Max(1, Content.Length / 2)))
        {
            await responseStream.WriteAsync(new BackupPart { Data = ByteString.CopyFrom(half) });
            if (BreaksOff) throw new RpcException(new Status(StatusCode.Internal, "broken off"));
        }
    }

    public override async Task<RestoreResponse> Restore(IAsyncStreamReader<BackupPart> requestStream, ServerCallContext context)
    {
        using var file = new MemoryStream();
        await foreach (var part in requestStream.ReadAllAsync()) part.Data.WriteTo(file);
        Content = file.ToArray();
        return new RestoreResponse { BackupRevision = 7, Revision = 20, Created = 1, Updated = 2, Deleted = 3 };
    }
}

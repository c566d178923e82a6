using System.Runtime.CompilerServices;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Client;

/// <summary>
/// A watch that outlives a server's restart: it resumes after the last version it saw. Until the first bookmark of
/// a watch without a version it has seen no complete state, so it begins anew, and a reader may see an object twice.
/// </summary>
internal static class WatchStream
{
    public static async IAsyncEnumerable<WatchEvent> WatchAsync(
        this ClusterClient client, WatchRequest request, RetryPolicy retry, [EnumeratorCancellation] CancellationToken cancellation)
    {
        request = request.Clone();
        var complete = request.ResourceVersion.Length > 0;
        for (var attempt = 1; ; attempt++)
        {
            using var call = client.Objects.Watch(request, cancellationToken: cancellation);
            while (await MoveNextAsync(call.ResponseStream, retry, attempt, cancellation) is { } more)
            {
                if (!more) yield break;
                attempt = 1;
                var change = call.ResponseStream.Current;
                if (change.Type == WatchEvent.Types.Type.Bookmark) complete = true;
                if (complete && VersionOf(change) is { Length: > 0 } version) request.ResourceVersion = version;
                yield return change;
            }
            await retry.PauseAsync(attempt, cancellation);
        }
    }

    public static string VersionOf(WatchEvent change) =>
        change.ResourceVersion.Length > 0 ? change.ResourceVersion : change.Object?.ResourceVersion ?? "";

    /// <summary>Null when the server went away and the watch shall be opened again.</summary>
    private static async Task<bool?> MoveNextAsync(IAsyncStreamReader<WatchEvent> stream, RetryPolicy retry, int attempt, CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation);
        }
        catch (RpcException exception) when (retry.MayRepeat(exception, attempt))
        {
            return null;
        }
    }
}

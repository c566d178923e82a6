using System.Runtime.CompilerServices;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Connection;

/// <summary>
/// The changes after a list. Where the server no longer has them all (Gone: it was started anew, or we were away too long),
/// it lists again and tells what differs, so that a person who watches misses no state, though perhaps a step between.
/// </summary>
internal static class ListedWatch
{
    public static async IAsyncEnumerable<WatchEvent> WatchAfterAsync(
        this ServerConnection server, ObjectBatch present, Func<Task<ObjectBatch?>> listAnew, WatchRequest request,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        request = request.Clone();
        request.ResourceVersion = present.Version;
        var versions = present.Items.ToDictionary(KeyOf, item => item.ResourceVersion);
        while (true)
        {
            await using var changes = server.WatchAsync(request, cancellation).GetAsyncEnumerator(cancellation);
            while (await MoveNextAsync(changes) is { } more)
            {
                if (!more) yield break;
                if (changes.Current.Object is { } one) versions[KeyOf(one)] = one.ResourceVersion;
                yield return changes.Current;
            }
            await server.Retry.PauseAsync(attempt: 1, cancellation);
            if (await listAnew() is not { } anew) yield break;
            foreach (var item in anew.Items)
            {
                if (versions.GetValueOrDefault(KeyOf(item)) == item.ResourceVersion) continue;
                versions[KeyOf(item)] = item.ResourceVersion;
                yield return new WatchEvent { Type = WatchEvent.Types.Type.Modified, Object = item, ResourceVersion = item.ResourceVersion };
            }
            request.ResourceVersion = anew.Version;
        }
    }

    /// <summary>Null when the version is gone.</summary>
    private static async Task<bool?> MoveNextAsync(IAsyncEnumerator<WatchEvent> changes)
    {
        try
        {
            return await changes.MoveNextAsync();
        }
        catch (RpcException exception) when (ServerErrors.IsGone(exception))
        {
            return null;
        }
    }

    private static (string, string) KeyOf(Api.V1.Object one) => (one.Namespace, one.Name);
}

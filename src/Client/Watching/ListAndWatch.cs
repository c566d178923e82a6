using System.Runtime.CompilerServices;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Client;

/// <summary>Objects as one read found them, and the version to watch from.</summary>
/// <param name="Items">All of them.</param>
/// <param name="ResourceVersion">Of the whole.</param>
public sealed record ListedObjects(IReadOnlyList<Api.V1.Object> Items, string ResourceVersion);

/// <summary>
/// What is there, then each change after it, as long as the caller listens:
/// <code>
/// list ──► watch ──(the version is gone)──► list anew, tell what differs ──► watch
///            └──(the server is away, or ends the watch)──► watch from the last version seen
/// </code>
/// No change is told twice. None is missed either, but of those between a version that is gone and the new list only the sum is told: an
/// object that was deleted and made again, by its uid, is a deletion and an addition.
/// </summary>
public static class ListAndWatch
{
    private const int PageSize = 500;

    /// <summary>All pages of a list as one answer; columns and version are those of the first.</summary>
    public static Task<ListResponse> ListAllAsync(this ClusterClient client, ListRequest request, CancellationToken cancellation) =>
        client.ListAllAsync(request, client.Retry, cancellation);

    /// <summary>Additions of what is there, a bookmark, then the changes.</summary>
    /// <param name="client">Whom to ask.</param>
    /// <param name="request">What to follow; its version doesn't count.</param>
    /// <param name="cancellation">The only end, besides an error.</param>
    /// <param name="retry">How long to wait for a server that is away; null: as the client does.</param>
    public static async IAsyncEnumerable<WatchEvent> FollowAsync(
        this ClusterClient client, WatchRequest request, [EnumeratorCancellation] CancellationToken cancellation, RetryPolicy? retry = null)
    {
        retry ??= client.Retry;
        var present = await ListAsync();
        foreach (var one in present.Items) yield return Change(WatchEvent.Types.Type.Added, one);
        yield return new WatchEvent { Type = WatchEvent.Types.Type.Bookmark, ResourceVersion = present.ResourceVersion };
        await foreach (var change in client.WatchAfterAsync(present, async () => await ListAsync(), request, cancellation, retry)) yield return change;

        async Task<ListedObjects> ListAsync()
        {
            var name = request.Name.Length > 0 ? $"metadata.name={request.Name}" : "";
            var list = await client.ListAllAsync(new ListRequest
            {
                Resource = request.Resource,
                Namespace = request.Namespace,
                LabelSelector = request.LabelSelector,
                FieldSelector = string.Join(',', new[] { name, request.FieldSelector }.Where(selector => selector.Length > 0)),
                Form = request.Form,
            }, retry, cancellation);
            return new ListedObjects(list.Items, list.ResourceVersion);
        }
    }

    /// <summary>The changes after a list that the caller has.</summary>
    /// <param name="client">Whom to ask.</param>
    /// <param name="present">What is there, as the caller knows it.</param>
    /// <param name="listAnew">The same list again; null from it ends the changes.</param>
    /// <param name="request">What to watch; its version doesn't count.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="retry">How long to wait for a server that is away; null: as the client does.</param>
    public static async IAsyncEnumerable<WatchEvent> WatchAfterAsync(
        this ClusterClient client, ListedObjects present, Func<Task<ListedObjects?>> listAnew, WatchRequest request,
        [EnumeratorCancellation] CancellationToken cancellation, RetryPolicy? retry = null)
    {
        retry ??= client.Retry;
        request = request.Clone();
        (request.ResourceVersion, request.AllowBookmarks) = (present.ResourceVersion, true);
        var known = present.Items.ToDictionary(KeyOf);
        while (true)
        {
            await using var changes = client.WatchAsync(request, retry, cancellation).GetAsyncEnumerator(cancellation);
            bool? more;
            while ((more = await MoveNextAsync(changes)) == true)
            {
                var change = changes.Current;
                if (WatchStream.VersionOf(change) is { Length: > 0 } version) request.ResourceVersion = version;
                if (change.Type == WatchEvent.Types.Type.Deleted) known.Remove(KeyOf(change.Object));
                else if (change.Object is { } one) known[KeyOf(one)] = one;
                yield return change;
            }

            await retry.PauseAsync(attempt: 1, cancellation);
            if (more == false) continue;
            if (await listAnew() is not { } anew) yield break;
            foreach (var change in Differences(known, anew.Items)) yield return change;
            known = anew.Items.ToDictionary(KeyOf);
            request.ResourceVersion = anew.ResourceVersion;
            yield return new WatchEvent { Type = WatchEvent.Types.Type.Bookmark, ResourceVersion = anew.ResourceVersion };
        }
    }

    internal static async Task<ListResponse> ListAllAsync(this ClusterClient client, ListRequest request, RetryPolicy retry, CancellationToken cancellation)
    {
        request = request.Clone();
        request.Limit = PageSize;
        while (true)
        {
            try
            {
                request.Continue = "";
                var all = await client.CallAsync(o => client.Objects.ListAsync(request, o), retry, cancellation);
                for (var page = all; page.Continue.Length > 0; all.Items.Add(page.Items))
                {
                    request.Continue = page.Continue;
                    page = await client.CallAsync(o => client.Objects.ListAsync(request, o), retry, cancellation);
                }

                return all;
            }
            catch (RpcException exception) when (request.Continue.Length > 0 && ClusterErrors.IsGone(exception))
            {
                // It was compacted between two pages.
                await retry.PauseAsync(attempt: 1, cancellation);
            }
        }
    }

    private static IEnumerable<WatchEvent> Differences(Dictionary<(string, string), Api.V1.Object> known, IReadOnlyList<Api.V1.Object> anew)
    {
        var there = anew.ToDictionary(KeyOf, one => one.Uid);
        foreach (var (key, one) in known)
            if (there.GetValueOrDefault(key) != one.Uid) yield return Change(WatchEvent.Types.Type.Deleted, one);
        foreach (var one in anew)
        {
            if (!known.TryGetValue(KeyOf(one), out var before) || before.Uid != one.Uid) yield return Change(WatchEvent.Types.Type.Added, one);
            else if (before.ResourceVersion != one.ResourceVersion) yield return Change(WatchEvent.Types.Type.Modified, one);
        }
    }

    /// <summary>False at the end of the watch, null when its version is gone.</summary>
    private static async Task<bool?> MoveNextAsync(IAsyncEnumerator<WatchEvent> changes)
    {
        try
        {
            return await changes.MoveNextAsync();
        }
        catch (RpcException exception) when (ClusterErrors.IsGone(exception))
        {
            return null;
        }
    }

    private static WatchEvent Change(WatchEvent.Types.Type type, Api.V1.Object one) => new() { Type = type, Object = one, ResourceVersion = one.ResourceVersion };

    private static (string, string) KeyOf(Api.V1.Object one) => (one.Namespace, one.Name);
}

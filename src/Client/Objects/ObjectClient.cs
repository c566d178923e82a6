using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Client;

/// <summary>
/// Objects of one kind, typed. Errors are <see cref="RpcException"/>s, whose reason <see cref="ClusterErrors"/> tells. A call is repeated
/// while the server is away, and a write that was repeated is still one write.
/// </summary>
public sealed class ObjectClient<T> where T : class, IMessage<T>, new()
{
    private static readonly Kind Kind = KindCatalog.Of<T>();
    private static readonly ResourceName Resource = new() { Group = Kind.Resource.Group, Resource = Kind.Resource.Plural };
    private readonly ClusterClient _client;

    internal ObjectClient(ClusterClient client, string ns) => (_client, Namespace) = (client, Kind.Namespaced ? ns : "");

    /// <summary>Where; empty: everywhere, or the kind has no namespaces.</summary>
    public string Namespace { get; }

    /// <summary>Makes an object; one of that name is ALREADY_EXISTS.</summary>
    /// <returns>As it was stored: with defaults, uid and version.</returns>
    public Task<T> CreateAsync(T obj, CancellationToken cancellation = default)
    {
        var request = new CreateRequest { Manifest = Typed(obj), DefaultNamespace = Namespace, RequestId = RequestId.New() };
        return WriteAsync(o => _client.Objects.CreateAsync(request, o), cancellation);
    }

    /// <exception cref="RpcException">NOT_FOUND if there is none.</exception>
    public async Task<T> GetAsync(string name, CancellationToken cancellation = default)
    {
        var request = new GetRequest { Resource = Resource, Namespace = Namespace, Name = name };
        return Of(await _client.CallAsync(o => _client.Objects.GetAsync(request, o), cancellation));
    }

    /// <returns>Null if there is none.</returns>
    public async Task<T?> FindAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            return await GetAsync(name, cancellation);
        }
        catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
        {
            return null;
        }
    }

    /// <summary>All that the selector means, as one version shows them.</summary>
    public async Task<ObjectList<T>> ListAsync(ObjectSelector? selector = null, CancellationToken cancellation = default)
    {
        selector ??= ObjectSelector.All;
        var request = new ListRequest { Resource = Resource, Namespace = Namespace, LabelSelector = selector.Labels, FieldSelector = selector.Fields };
        var list = await _client.ListAllAsync(request, cancellation);
        return new ObjectList<T>([.. list.Items.Select(Of)], list.ResourceVersion);
    }

    /// <summary>Replaces metadata and spec; if the object has a resourceVersion, only that one: otherwise it is a Conflict.</summary>
    public Task<T> UpdateAsync(T obj, CancellationToken cancellation = default)
    {
        var request = new UpdateRequest { Manifest = Typed(obj), DefaultNamespace = Namespace, RequestId = RequestId.New() };
        return WriteAsync(o => _client.Objects.UpdateAsync(request, o), cancellation);
    }

    /// <summary>Replaces the status alone.</summary>
    public Task<T> UpdateStatusAsync(T obj, CancellationToken cancellation = default)
    {
        var request = new UpdateRequest { Manifest = Typed(obj), DefaultNamespace = Namespace, RequestId = RequestId.New() };
        return WriteAsync(o => _client.Objects.UpdateStatusAsync(request, o), cancellation);
    }

    /// <summary>Server-side apply: the manager owns what it sets, and what it no longer sets goes.</summary>
    /// <param name="obj">What the manager wants, and no more.</param>
    /// <param name="fieldManager">Who wants it.</param>
    /// <param name="force">Takes fields from other managers; otherwise those are a Conflict.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<T> ApplyAsync(T obj, string fieldManager, bool force = false, CancellationToken cancellation = default)
    {
        var request = new ApplyRequest { Manifest = Typed(obj), DefaultNamespace = Namespace, RequestId = RequestId.New(), FieldManager = fieldManager, Force = force };
        return Of((await _client.CallAsync(o => _client.Objects.ApplyAsync(request, o), cancellation)).Applied[0].Object);
    }

    /// <summary>A JSON merge patch (RFC 7386), such as <c>{"spec":{"replicas":3}}</c>.</summary>
    public Task<T> PatchAsync(string name, string mergePatch, CancellationToken cancellation = default)
    {
        var patch = ByteString.CopyFrom(Encoding.UTF8.GetBytes(mergePatch));
        var request = new PatchRequest { Resource = Resource, Namespace = Namespace, Name = name, Patch = patch, RequestId = RequestId.New() };
        return WriteAsync(o => _client.Objects.PatchAsync(request, o), cancellation);
    }

    /// <param name="name">Which one.</param>
    /// <param name="uid">Only if it still is this one; empty: whichever has the name.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>True if it is gone; false if it is going, as what runs on a host does.</returns>
    public async Task<bool> DeleteAsync(string name, string uid = "", CancellationToken cancellation = default)
    {
        var request = new DeleteRequest { Resource = Resource, Namespace = Namespace, Name = name, Uid = uid, RequestId = RequestId.New() };
        return (await _client.CallAsync(o => _client.Objects.DeleteAsync(request, o), cancellation)).Gone;
    }

    /// <summary>What is there, a bookmark, then each change (<see cref="ListAndWatch"/>).</summary>
    public IAsyncEnumerable<ObjectChange<T>> WatchAsync(ObjectSelector? selector = null, CancellationToken cancellation = default) =>
        FollowAsync(selector ?? ObjectSelector.All, _client.Retry, cancellation);

    /// <summary>Begins to keep a copy of the objects that the selector means; dispose it to end that.</summary>
    public Informer<T> Inform(InformerHandlers<T>? handlers = null, ObjectSelector? selector = null) =>
        new(stopped => FollowAsync(selector ?? ObjectSelector.All, _client.Retry.Forever(), stopped), Kind, handlers ?? new InformerHandlers<T>());

    private async IAsyncEnumerable<ObjectChange<T>> FollowAsync(ObjectSelector selector, RetryPolicy retry, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new WatchRequest { Resource = Resource, Namespace = Namespace, LabelSelector = selector.Labels, FieldSelector = selector.Fields };
        await foreach (var change in _client.FollowAsync(request, cancellation, retry))
        {
            var type = change.Type switch
            {
                WatchEvent.Types.Type.Added => ChangeType.Added,
                WatchEvent.Types.Type.Modified => ChangeType.Modified,
                WatchEvent.Types.Type.Deleted => ChangeType.Deleted,
                _ => ChangeType.Bookmark,
            };
            yield return new ObjectChange<T>(type, type == ChangeType.Bookmark ? null : Of(change.Object), WatchStream.VersionOf(change));
        }
    }

    private async Task<T> WriteAsync(Func<CallOptions, AsyncUnaryCall<Api.V1.Object>> call, CancellationToken cancellation) => Of(await _client.CallAsync(call, cancellation));

    private static Manifest Typed(T obj) => new() { Proto = Any.Pack(obj) };

    private static T Of(Api.V1.Object one) => one.Proto.Unpack<T>();
}

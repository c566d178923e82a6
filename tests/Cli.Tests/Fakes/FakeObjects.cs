using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Orchestrator.Api.V1;
using ApiObject = Orchestrator.Api.V1.Object;
using Status = Google.Rpc.Status;

namespace Orchestrator.Cli.Tests.Fakes;

/// <summary>
/// Objects as JSON in a dictionary. It knows just enough of the contract to prove what orc sends and prints: two kinds,
/// label equality, names, merge patches, watches from memory.
/// </summary>
internal sealed class FakeObjects : Api.V1.Objects.ObjectsBase
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(WatchEvent.Types.Type Type, JsonObject Object)> _log = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static readonly KindInfo Pod = new()
    {
        Resource = new ResourceName { Resource = "pods" },
        Version = "v1",
        Kind = "Pod",
        Singular = "pod",
        ShortNames = { "po" },
        Namespaced = true,
        Categories = { "all" },
    };

    public static readonly KindInfo Machine = new()
    {
        Resource = new ResourceName { Group = "virt.orchestrator.dev", Resource = "virtualmachines" },
        Version = "v1",
        Kind = "VirtualMachine",
        Singular = "virtualmachine",
        ShortNames = { "vm", "vms" },
        Namespaced = true,
        Categories = { "all" },
    };

    public static readonly KindInfo Node = new()
    {
        Resource = new ResourceName { Resource = "nodes" },
        Version = "v1",
        Kind = "Node",
        Singular = "node",
        ShortNames = { "no" },
    };

    public static readonly KindInfo Event = new()
    {
        Resource = new ResourceName { Resource = "events" },
        Version = "v1",
        Kind = "Event",
        Singular = "event",
        ShortNames = { "ev" },
        Namespaced = true,
    };

    private static readonly KindInfo[] KnownKinds = [Pod, Machine, Node, Event];

    /// <summary>What the next calls answer instead of doing anything, first one first.</summary>
    public Queue<RpcException> Failures { get; } = new();

    /// <summary>Every request, in order.</summary>
    public List<IMessage> Requests { get; } = [];

    /// <summary>A deleted object stays with a deletionTimestamp until <see cref="Remove"/>.</summary>
    public bool DeletionTakesTime { get; set; }

    /// <summary>Called when a watch has sent what exists, and its bookmark.</summary>
    public Action WatchBegun { get; set; } = () => { };

    /// <summary>Watches from this version or an older one are Gone.</summary>
    public int CompactedTo { get; set; } = -1;

    /// <summary>Called when a watch is Gone.</summary>
    public Action GoneSeen { get; set; } = () => { };

    /// <summary>After so many events a watch breaks as if the server went away; 0: never.</summary>
    public int WatchBreaksAfter { get; set; }

    public void Put(string json)
    {
        lock (_gate) Store(JsonNode.Parse(json)!.AsObject());
    }

    public void Remove(string kind, string name, string ns = "default")
    {
        lock (_gate)
        {
            _objects.Remove(KeyOf(KnownKinds.First(k => k.Kind == kind), ns, name), out var gone);
            Log(WatchEvent.Types.Type.Deleted, gone!);
        }
    }

    public override Task<KindsResponse> Kinds(KindsRequest request, ServerCallContext context)
    {
        Take(request);
        return Task.FromResult(new KindsResponse { Kinds = { KnownKinds }, ServerVersion = "9.9.9" });
    }

    public override Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context)
    {
        Take(request);
        var one = JsonNode.Parse(request.Manifest.Text.Span)!.AsObject();
        one["metadata"]!["namespace"] ??= request.DefaultNamespace;
        lock (_gate)
        {
            var exists = _objects.TryGetValue(KeyOf(one), out var before);
            var same = exists && JsonNode.DeepEquals(before!["spec"], one["spec"]);
            if (!same && !request.DryRun) Store(one);
            var outcome = same ? Applied.Types.Outcome.Unchanged : exists ? Applied.Types.Outcome.Configured : Applied.Types.Outcome.Created;
            return Task.FromResult(new ApplyResponse { Applied = { new Applied { Outcome = outcome, Object = Render(same ? before! : one, request.Form) } } });
        }
    }

    public override Task<ApiObject> Create(CreateRequest request, ServerCallContext context)
    {
        Take(request);
        var one = JsonNode.Parse(request.Manifest.Text.Span)!.AsObject();
        one["metadata"]!["namespace"] ??= request.DefaultNamespace;
        lock (_gate)
        {
            if (_objects.ContainsKey(KeyOf(one))) throw Error(Code.AlreadyExists, "AlreadyExists", $"pods \"{NameOf(one)}\" already exists");
            Store(one);
            return Task.FromResult(Render(one, request.Form));
        }
    }

    public override Task<ApiObject> Get(GetRequest request, ServerCallContext context)
    {
        Take(request);
        lock (_gate) return Task.FromResult(Render(Find(request.Resource, request.Namespace, request.Name), request.Form));
    }

    public override Task<ListResponse> List(ListRequest request, ServerCallContext context)
    {
        Take(request);
        lock (_gate)
        {
            var all = _objects.Values.Where(one => Selected(one, request.Resource, request.Namespace, request.LabelSelector, request.FieldSelector)).ToList();
            var start = request.Continue.Length > 0 ? int.Parse(request.Continue) : 0;
            var page = all.Skip(start).Take(request.Limit).ToList();
            var response = new ListResponse { Items = { page.Select(one => Render(one, request.Form)) }, ResourceVersion = _log.Count.ToString() };
            if (start + page.Count < all.Count) response.Continue = (start + page.Count).ToString();
            if (request.Form == Form.Table) response.Columns.Add(Columns);
            return Task.FromResult(response);
        }
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchEvent> events, ServerCallContext context)
    {
        Take(request);
        var fields = request.Name.Length > 0 ? $"metadata.name={request.Name}" : request.FieldSelector;
        var (position, sent) = (request.ResourceVersion.Length > 0 ? int.Parse(request.ResourceVersion) : -1, 0);
        if (position >= 0 && position <= CompactedTo) throw Gone(position);
        if (position < 0)
        {
            List<JsonObject> present;
            lock (_gate) (present, position) = (_objects.Values.Where(one => Selected(one, request.Resource, request.Namespace, request.LabelSelector, fields)).ToList(), _log.Count);
            foreach (var one in present) await events.WriteAsync(Change(WatchEvent.Types.Type.Added, one));
            await events.WriteAsync(new WatchEvent { Type = WatchEvent.Types.Type.Bookmark, ResourceVersion = position.ToString() });
        }
        WatchBegun();
        while (true)
        {
            Task changed;
            List<(WatchEvent.Types.Type Type, JsonObject Object)> news;
            lock (_gate) (changed, news, position) = (_changed.Task, _log.Skip(position).ToList(), _log.Count);
            foreach (var (type, one) in news.Where(entry => Selected(entry.Object, request.Resource, request.Namespace, request.LabelSelector, fields)))
            {
                await events.WriteAsync(Change(type, one));
                if (++sent == WatchBreaksAfter) throw Error(Code.Unavailable, "ServiceUnavailable", "the silo is stopping: watch again");
            }
            await changed.WaitAsync(context.CancellationToken);
        }

        WatchEvent Change(WatchEvent.Types.Type type, JsonObject one)
        {
            var change = new WatchEvent { Type = type, Object = Render(one, request.Form), ResourceVersion = VersionOf(one) };
            if (request.Form == Form.Table) change.Columns.Add(Columns);
            return change;
        }
    }

    private RpcException Gone(int position)
    {
        GoneSeen();
        return Error(Code.OutOfRange, "Gone", $"the version {position} is too old: list anew");
    }

    public override Task<ApiObject> Patch(PatchRequest request, ServerCallContext context)
    {
        Take(request);
        lock (_gate)
        {
            var one = (JsonObject)Find(request.Resource, request.Namespace, request.Name).DeepClone();
            Merge(one, JsonNode.Parse(request.Patch.Span)!.AsObject());
            Store(one);
            return Task.FromResult(Render(one, request.Form));
        }
    }

    public override Task<DeleteResponse> Delete(DeleteRequest request, ServerCallContext context)
    {
        Take(request);
        lock (_gate)
        {
            var one = Find(request.Resource, request.Namespace, request.Name);
            if (request.DryRun) return Task.FromResult(new DeleteResponse { Gone = true });
            if (!DeletionTakesTime)
            {
                _objects.Remove(KeyOf(one));
                Log(WatchEvent.Types.Type.Deleted, one);
            }
            return Task.FromResult(new DeleteResponse { Gone = !DeletionTakesTime, Uid = UidOf(one) });
        }
    }

    public static RpcException Error(Code code, string reason, string message, params (string Field, string Description, string Placed)[] violations)
    {
        var status = new Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(new ErrorInfo { Domain = "orchestrator.dev", Reason = reason }));
        if (violations.Length > 0)
        {
            status.Details.Add(Any.Pack(new BadRequest
            {
                FieldViolations =
                {
                    violations.Select(v => new BadRequest.Types.FieldViolation
                    {
                        Field = v.Field, Description = v.Description, LocalizedMessage = new LocalizedMessage { Locale = "en", Message = v.Placed },
                    }),
                },
            }));
        }
        return status.ToRpcException();
    }

    private static readonly TableColumn[] Columns =
    [
        new() { Name = "Name", Type = "string" }, new() { Name = "Status", Type = "string" }, new() { Name = "Age", Type = "date" },
        new() { Name = "Node", Type = "string", Priority = 1 },
    ];

    private void Take(IMessage request)
    {
        lock (_gate)
        {
            Requests.Add(request);
            if (request is not KindsRequest && Failures.TryDequeue(out var failure)) throw failure;
        }
    }

    private JsonObject Find(ResourceName resource, string ns, string name)
    {
        var kind = KnownKinds.First(k => k.Resource.Equals(resource));
        if (_objects.TryGetValue(KeyOf(kind, ns, name), out var one)) return one;
        var plural = resource.Group.Length == 0 ? resource.Resource : $"{resource.Resource}.{resource.Group}";
        throw Error(Code.NotFound, "NotFound", $"{plural} \"{name}\" not found");
    }

    private void Store(JsonObject one)
    {
        var metadata = one["metadata"]!.AsObject();
        if (KindOf(one).Namespaced) metadata["namespace"] ??= "default";
        var exists = _objects.TryGetValue(KeyOf(one), out var before);
        metadata["uid"] ??= exists ? UidOf(before!) : $"uid-{_log.Count + 1}";
        metadata["resourceVersion"] = (_log.Count + 1).ToString();
        _objects[KeyOf(one)] = one;
        Log(exists ? WatchEvent.Types.Type.Modified : WatchEvent.Types.Type.Added, one);
    }

    private void Log(WatchEvent.Types.Type type, JsonObject one)
    {
        _log.Add((type, (JsonObject)one.DeepClone()));
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static bool Selected(JsonObject one, ResourceName resource, string ns, string labels, string fields) =>
        KindOf(one).Resource.Equals(resource) && (ns.Length == 0 || NamespaceOf(one) == ns)
        && labels.Split(',', StringSplitOptions.RemoveEmptyEntries).All(pair => one["metadata"]!["labels"]?[pair.Split('=')[0]]?.ToString() == pair.Split('=')[1])
        && fields.Split(',', StringSplitOptions.RemoveEmptyEntries).All(pair => Field(one, pair.Split('=')[0]) == pair.Split('=')[1]);

    private static string? Field(JsonNode? node, string path) => path.Split('.').Aggregate(node, (value, name) => value?[name])?.ToString();

    private static ApiObject Render(JsonObject one, Form form)
    {
        var rendered = new ApiObject
        {
            Resource = KindOf(one).Resource,
            Namespace = NamespaceOf(one),
            Name = NameOf(one),
            Uid = UidOf(one),
            ResourceVersion = VersionOf(one),
        };
        if (form == Form.Json) rendered.Json = ByteString.CopyFromUtf8(one.ToJsonString());
        if (form == Form.Yaml) rendered.Yaml = ByteString.CopyFromUtf8($"apiVersion: v1\nkind: {KindOf(one).Kind}\nmetadata:\n  name: {NameOf(one)}\n");
        if (form == Form.Table)
            rendered.Row = new TableRow { Cells = { NameOf(one), Field(one, "status.phase") ?? "", "5m", Field(one, "spec.nodeName") ?? "<none>" } };
        return rendered;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject map && target[name] is JsonObject inner) Merge(inner, map);
            else target[name] = value.DeepClone();
        }
    }

    private static string KeyOf(KindInfo kind, string ns, string name) => $"{kind.Kind}/{(kind.Namespaced ? ns : "")}/{name}";
    private static string KeyOf(JsonObject one) => KeyOf(KindOf(one), NamespaceOf(one), NameOf(one));
    private static KindInfo KindOf(JsonObject one) => KnownKinds.First(kind => kind.Kind == one["kind"]!.ToString());
    private static string NameOf(JsonObject one) => one["metadata"]!["name"]!.ToString();
    private static string NamespaceOf(JsonObject one) => one["metadata"]!["namespace"]?.ToString() ?? "";
    private static string UidOf(JsonObject one) => one["metadata"]!["uid"]?.ToString() ?? "";
    private static string VersionOf(JsonObject one) => one["metadata"]!["resourceVersion"]?.ToString() ?? "";
}

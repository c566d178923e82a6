using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking.Services;
using Orchestrator.Silo.Objects.Applying;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Objects.Patching;
using Orchestrator.Silo.Objects.Quotas;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Objects;

/// <summary>
/// The one way by which clients change objects, whatever their kind and through whichever door: decoded, defaulted and validated
/// objects come in, are admitted, and committed. It owns the meaning of create, update, apply and delete; it must never write what
/// it hasn't validated, and never act on what it has written (grains do).
/// </summary>
internal sealed class ObjectPipeline(ObjectCache cache, Sequencer sequencer, KindStrategies strategies, ServiceAddresses addresses, ObjectNames names, TimeProvider time)
{
    private readonly QuotaGate _quotas = new(cache);

    /// <summary>How often a change without a version is tried again when somebody else was faster.</summary>
    private const int Attempts = 16;

    public Task<ObjectResult> Create(Kind kind, IMessage obj, RequestOptions options, CancellationToken cancellation) =>
        Create(kind, obj, null, options.For("create", KeyOf(kind, kind.EnsureMetadata(obj))), cancellation);

    private async Task<ObjectResult> Create(Kind kind, IMessage obj, ManagedFieldsEntry? applied, RequestOptions options, CancellationToken cancellation)
    {
        using var activity = Traces.Source.StartActivity("objects.create");
        var created = kind.Copy(obj);
        var metadata = kind.EnsureMetadata(created);
        var generated = metadata.Name.Length == 0 && metadata.GenerateName.Length > 0;
        StartLife(kind, metadata);
        if (applied is not null) metadata.ManagedFields.Add(applied);
        kind.TakeStatus(created, null);
        if (Validation.Check(kind, created) is { Count: > 0 } errors) return ApiError.Invalid(kind, metadata.Name, errors);
        var strategy = strategies.For(kind);
        strategy.PrepareForCreate(created, cache);
        LimitRanges.FillIn(created, cache);
        using var turn = await _quotas.Enter(metadata.Namespace, cancellation);
        using var addressing = await addresses.Enter(kind, cancellation);
        for (var attempt = 1; ; attempt++)
        {
            if (generated) metadata.Name = names.Generate(metadata.GenerateName);
            if ((Refuse(kind, created, strategy, options.DryRun) ?? addresses.Give(kind, created)) is { } refusal) return refusal;
            var key = KeyOf(kind, metadata);
            activity?.SetTag("object.key", key.ToString());
            if (_quotas.Refuse(kind, created) is { } full)
                return await WasDone(key, kind, options.Request, cancellation) && cache.Find(key) is { } done ? ObjectResult.Of(ObjectOutcome.Created, done) : full;
            if (options.DryRun) return DryRun(kind, key, created, ObjectOutcome.Created, present: null) with { Warnings = strategy.Warnings(created) };

            var result = await sequencer.Commit(Write.Create(key, kind, created, options.Request), cancellation);
            if (result.Done) return ObjectResult.Of(ObjectOutcome.Created, result.Object ?? Gone(kind, key, created)) with { Warnings = strategy.Warnings(created) };
            if (result.Outcome != WriteOutcome.Conflict) return ApiError.Of(result.Outcome, options.RequestId);
            if (!generated || attempt == Attempts) return ApiError.AlreadyExists(key);
        }
    }

    /// <summary>Replaces metadata and spec, or with <paramref name="statusOnly"/> the status.</summary>
    public Task<ObjectResult> Update(Kind kind, IMessage obj, bool statusOnly, RequestOptions options, CancellationToken cancellation)
    {
        var metadata = kind.EnsureMetadata(obj);
        return Change(
            KeyOf(kind, metadata), kind, metadata.ResourceVersion, metadata.Uid, options.For(statusOnly ? "update status of" : "update", KeyOf(kind, metadata)),
            present => Tracked(present, statusOnly ? WithStatus(kind, present, obj, strategies.For(kind)) : WithSpec(kind, present, obj, strategies.For(kind)), options, statusOnly),
            cancellation);
    }

    /// <summary>Server-side apply: creates the object, or makes the present one say what the applier says.</summary>
    /// <param name="kind">What is applied.</param>
    /// <param name="obj">What the applier says, without defaults.</param>
    /// <param name="statusOnly">Whether it is about the status.</param>
    /// <param name="options">The applier's name among them.</param>
    /// <param name="cancellation">Ends the waiting, not the write.</param>
    public async Task<ObjectResult> Apply(Kind kind, IMessage obj, bool statusOnly, RequestOptions options, CancellationToken cancellation)
    {
        using var activity = Traces.Source.StartActivity("objects.apply");
        var metadata = kind.EnsureMetadata(obj);
        var apply = new ServerSideApply(kind, obj, ManagerOf(options, statusOnly), options.Force);
        options = options.For(statusOnly ? "apply status of" : "apply", KeyOf(kind, metadata));
        for (var attempt = 1; ; attempt++)
        {
            var missing = metadata.Name.Length == 0 || cache.Find(KeyOf(kind, metadata)) is null;
            if (missing && (statusOnly || metadata.Uid.Length > 0)) return ApiError.NotFound(kind, metadata.Name);
            var result = missing
                ? await Create(kind, WithDefaults(kind, obj), apply.First(time.GetUtcNow()), options, cancellation)
                : await Change(KeyOf(kind, metadata), kind, metadata.ResourceVersion, metadata.Uid, options, present => Applied(kind, present, apply, statusOnly), cancellation);
            var raced = result.Error?.Reason is ErrorReason.AlreadyExists or ErrorReason.NotFound;
            if (!raced || attempt == Attempts || metadata.Name.Length == 0) return result;
            if (missing && result.Error!.Reason == ErrorReason.NotFound) return result;
        }
    }

    public Task<ObjectResult> Patch(
        ObjectKey key, Kind kind, ObjectPatch patch, bool statusOnly, RequestOptions options, CancellationToken cancellation) =>
        Change(
            key, kind, "", "", options.For(statusOnly ? "patch status of" : "patch", key), present =>
            {
                var (patched, error) = patch.ApplyTo(present);
                if (patched is null) return (null, error);
                return Tracked(present, statusOnly ? WithStatus(kind, present, patched, strategies.For(kind)) : WithSpec(kind, present, patched, strategies.For(kind)), options, statusOnly);
            }, cancellation);

    public async Task<ObjectResult> Delete(ObjectKey key, Kind kind, DeleteOptions options, CancellationToken cancellation)
    {
        using var activity = Traces.Source.StartActivity("objects.delete");
        activity?.SetTag("object.key", key.ToString());
        var request = options.RequestId.Length == 0 ? default : new ClientRequest(options.RequestId, $"delete {key}");
        for (var attempt = 1; ; attempt++)
        {
            var present = cache.Find(key)?.In(kind);
            if ((present is null || Precondition(present, options.ResourceVersion, options.Uid) is not null) && await WasDone(key, kind, request, cancellation))
                return ObjectResult.Of(present is null ? ObjectOutcome.Deleted : ObjectOutcome.Terminating, present ?? Gone(kind, key, (IMessage)Activator.CreateInstance(kind.Descriptor.ClrType)!));
            if (present is null) return ApiError.NotFound(kind, key.Name);
            if (Precondition(present, options.ResourceVersion, options.Uid) is { } stale) return stale;
            if (strategies.For(kind).RefuseDeletion(present) is { } refusal) return new ApiError(ErrorReason.Forbidden, refusal);

            var (write, outcome) = ObjectDeletion.Plan(present, options, request, strategies.For(kind), time.GetUtcNow());
            if (write is null || options.DryRun) return ObjectResult.Of(outcome, present);
            var result = await sequencer.Commit(write, cancellation);
            if (result.Done) return ObjectResult.Of(outcome, result.Object ?? present);
            if (result.Outcome != WriteOutcome.Conflict) return ApiError.Of(result.Outcome, options.RequestId);
            if (options.ResourceVersion.Length > 0 || attempt == Attempts) return ApiError.Conflict(key, "the object has been modified");
        }
    }

    /// <summary>Takes a finalizer off, if the object is still the same one; with its last one a terminating object goes.</summary>
    public Task<ObjectResult> ReleaseFinalizer(StoredObject obj, string finalizer, CancellationToken cancellation) =>
        Change(obj.Key, obj.Kind, "", obj.Uid, RequestOptions.Default, present => (EditMetadata(present, metadata => metadata.Finalizers.Remove(finalizer)), null), cancellation);

    /// <summary>Takes the references to some owners off. True if the object has none of them left, or is gone.</summary>
    public async Task<bool> Disown(ObjectKey key, IReadOnlyCollection<string> owners, CancellationToken cancellation)
    {
        if (cache.Find(key) is not { } obj) return true;
        var result = await Change(key, obj.Kind, "", obj.Uid, RequestOptions.Default, present => (EditMetadata(present, metadata =>
        {
            foreach (var owner in metadata.OwnerReferences.Where(owner => owners.Contains(owner.Uid)).ToArray()) metadata.OwnerReferences.Remove(owner);
        }), null), cancellation);
        return result.Succeeded || result.Error.Reason is ErrorReason.NotFound or ErrorReason.Conflict;
    }

    private static IMessage EditMetadata(StoredObject present, Action<ObjectMeta> edit)
    {
        var updated = present.Copy();
        edit(present.Kind.MetadataOf(updated)!);
        return updated;
    }

    /// <summary>Reads, changes and commits one object, again if somebody else was faster and the caller has named no version.</summary>
    private async Task<ObjectResult> Change(
        ObjectKey key, Kind kind, string resourceVersion, string uid, RequestOptions options,
        Func<StoredObject, (IMessage? Updated, ApiError? Error)> change, CancellationToken cancellation)
    {
        using var turn = await _quotas.Enter(key.Namespace, cancellation);
        using var addressing = await addresses.Enter(kind, cancellation);
        for (var attempt = 1; ; attempt++)
        {
            var present = cache.Find(key)?.In(kind);
            if (present is null) return ApiError.NotFound(kind, key.Name);
            if (Precondition(present, resourceVersion, uid) is { } stale)
                return await WasDone(key, kind, options.Request, cancellation) ? ObjectResult.Of(ObjectOutcome.Configured, present) : stale;
            var (updated, error) = change(present);
            if (updated is null) return error!;
            if ((addresses.Give(kind, updated) ?? ObjectLimits.Check(kind, updated)) is { } refusal) return refusal;
            var warnings = strategies.For(kind).Warnings(updated);
            if (updated.Equals(present.Message)) return ObjectResult.Of(ObjectOutcome.Unchanged, present) with { Warnings = warnings };
            if (_quotas.Refuse(kind, updated, present.Message) is { } full) return full;
            if (options.DryRun) return DryRun(kind, key, updated, ObjectOutcome.Configured, present) with { Warnings = warnings };

            var ends = present.Terminating && kind.MetadataOf(updated)!.Finalizers.Count == 0 && present.Metadata.Finalizers.Count > 0
                && strategies.For(kind).GraceSeconds(present, null) is null;
            var write = ends ? Write.Delete(present, options.Request) : Write.Update(present, updated, options.Request);
            var result = await sequencer.Commit(write, cancellation);
            if (result.Done) return ObjectResult.Of(ends ? ObjectOutcome.Deleted : ObjectOutcome.Configured, result.Object ?? present) with { Warnings = warnings };
            if (result.Outcome != WriteOutcome.Conflict) return ApiError.Of(result.Outcome, options.RequestId);
            if (resourceVersion.Length > 0 || attempt == Attempts) return ApiError.Modified(key);
        }
    }

    private (IMessage? Updated, ApiError? Error) Applied(Kind kind, StoredObject present, ServerSideApply apply, bool statusOnly)
    {
        var (merged, error) = apply.MergeInto(present, time.GetUtcNow());
        if (merged is null) return (null, error);
        var strategy = strategies.For(kind);
        var (updated, refusal) = statusOnly ? WithStatus(kind, present, merged, strategy) : WithSpec(kind, present, merged, strategy);
        if (updated is null) return (null, refusal);
        var entries = kind.MetadataOf(updated)!.ManagedFields;
        entries.Clear();
        entries.Add(kind.MetadataOf(merged)!.ManagedFields);
        return (updated, null);
    }

    private (IMessage? Updated, ApiError? Error) Tracked(StoredObject present, (IMessage? Updated, ApiError? Error) change, RequestOptions options, bool statusOnly)
    {
        if (change.Updated is { } updated) ManagedFields.TrackUpdate(present, updated, ManagerOf(options, statusOnly), time.GetUtcNow());
        return change;
    }

    private static FieldWriter ManagerOf(RequestOptions options, bool statusOnly) =>
        new(options.FieldManager.Length > 0 ? options.FieldManager : "unknown", statusOnly ? "status" : "");

    private static IMessage WithDefaults(Kind kind, IMessage obj)
    {
        var filled = kind.Copy(obj);
        Defaults.Apply(kind, filled);
        return filled;
    }

    private static (IMessage? Updated, ApiError? Error) WithSpec(Kind kind, StoredObject present, IMessage wanted, KindStrategy strategy)
    {
        var updated = kind.Copy(wanted);
        SystemMetadata.Keep(present.Metadata, kind.EnsureMetadata(updated));
        kind.TakeStatus(updated, present.Message);
        strategy.PrepareForUpdate(present.Message, updated);
        var errors = Validation.CheckUpdate(kind, present.Message, updated).Concat(strategy.AdmitUpdate(present.Message, updated)).ToArray();
        if (errors.Length > 0) return (null, ApiError.Invalid(kind, present.Key.Name, errors));
        if (kind.HasGenerations && kind.SpecDiffers(present.Message, updated)) kind.MetadataOf(updated)!.Generation++;
        return (updated, null);
    }

    private static (IMessage? Updated, ApiError? Error) WithStatus(Kind kind, StoredObject present, IMessage wanted, KindStrategy strategy)
    {
        if (!kind.HasStatus) return (null, new ApiError(ErrorReason.BadRequest, $"{kind.Name} has no status"));
        var updated = present.Copy();
        kind.TakeStatus(updated, wanted);
        strategy.PrepareForStatusUpdate(present.Message, updated);
        var errors = Validation.CheckUpdate(kind, present.Message, updated);
        return errors.Count > 0 ? (null, ApiError.Invalid(kind, present.Key.Name, errors)) : (updated, null);
    }

    /// <summary>
    /// True if this request was committed before: its repetition then meets its own effect, which must not look like a refusal.
    /// A write at a version that no object has is asked for; it does nothing but find its twin.
    /// </summary>
    private async Task<bool> WasDone(ObjectKey key, Kind kind, ClientRequest request, CancellationToken cancellation)
    {
        if (!request.IsRepeatable) return false;
        var probe = await sequencer.Commit(new Write(key, kind, new Revision(-1), null, request), cancellation);
        return probe.Outcome == WriteOutcome.Repeated;
    }

    private ApiError? Refuse(Kind kind, IMessage created, KindStrategy strategy, bool dryRun)
    {
        if (!dryRun && cache.Find(kind.Resource) is null) return ApiError.UnknownResource(kind.Resource);
        var metadata = kind.MetadataOf(created)!;
        var errors = Validation.Check(kind, created).Concat(strategy.Admit(created, cache)).ToArray();
        if (errors.Length > 0) return ApiError.Invalid(kind, metadata.Name, errors);
        if (ObjectLimits.Check(kind, created) is { } tooLarge) return tooLarge;
        if (LimitRanges.Violations(created, cache).ToArray() is { Length: > 0 } violations)
            return new ApiError(ErrorReason.Forbidden, $"{kind.Resource.Plural} \"{metadata.Name}\" is forbidden: {(violations.Length == 1 ? violations[0] : $"[{string.Join(", ", violations)}]")}");
        if (kind.Custom is { Ending: true }) return new ApiError(ErrorReason.MethodNotAllowed, "create not allowed while custom resource definition is terminating");
        if (!kind.Namespaced) return null;
        var room = cache[KindCatalog.Of<Namespace>()].Find("", metadata.Namespace);
        if (room is null) return new ApiError(ErrorReason.NotFound, $"namespaces \"{metadata.Namespace}\" not found");
        return room.Terminating
            ? new ApiError(ErrorReason.Forbidden, $"{kind.Resource.Plural} \"{metadata.Name}\" is forbidden: unable to create new content in namespace {metadata.Namespace} because it is being terminated")
            : null;
    }

    private void StartLife(Kind kind, ObjectMeta metadata)
    {
        if (kind.Namespaced && metadata.Namespace.Length == 0) metadata.Namespace = NamespaceStrategy.Default;
        metadata.Uid = names.Uid();
        metadata.ResourceVersion = "";
        metadata.Generation = kind.HasGenerations ? 1 : 0;
        metadata.CreationTimestamp = new Timestamp { Seconds = time.GetUtcNow().ToUnixTimeSeconds() };
        metadata.ManagedFields.Clear();
        metadata.DeletionTimestamp = null;
        metadata.ClearDeletionGracePeriodSeconds();
    }

    private static ApiError? Precondition(StoredObject present, string resourceVersion, string uid)
    {
        if (uid.Length > 0 && uid != present.Uid)
            return ApiError.OtherUid(present.Key, uid, present.Uid);
        return resourceVersion.Length > 0 && resourceVersion != present.Revision.ToString() ? ApiError.Modified(present.Key) : null;
    }

    private static ObjectResult DryRun(Kind kind, ObjectKey key, IMessage obj, ObjectOutcome outcome, StoredObject? present) =>
        ObjectResult.Of(outcome, new StoredObject(key, kind, present?.Revision ?? Revision.None, obj.ToByteArray()));

    /// <summary>A repeated create of an object that has been deleted since: the answer is what was created then.</summary>
    private static StoredObject Gone(Kind kind, ObjectKey key, IMessage created) => new(key, kind, Revision.None, created.ToByteArray());

    private static ObjectKey KeyOf(Kind kind, ObjectMeta metadata)
    {
        var ns = !kind.Namespaced ? "" : metadata.Namespace.Length == 0 ? NamespaceStrategy.Default : metadata.Namespace;
        return new ObjectKey(kind.Resource, ns, metadata.Name);
    }
}

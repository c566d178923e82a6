using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Patching;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Patching;

internal enum PatchType
{
    /// <summary>RFC 6902.</summary>
    Json,

    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>Kubernetes': a merge patch whose lists merge by key.</summary>
    Strategic,
}

/// <summary>A patch, read once, that is applied to whatever version the object has by then.</summary>
internal sealed class ObjectPatch
{
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly PatchType _type;
    private readonly JsonNode? _patch;
    private readonly FieldValidation _validation;

    private ObjectPatch(PatchType type, JsonNode? patch, FieldValidation validation) => (_type, _patch, _validation) = (type, patch, validation);

    /// <summary>What the last application left out of the object.</summary>
    public IReadOnlyList<FieldError> Warnings { get; private set; } = [];

    public static (ObjectPatch? Patch, ApiError? Error) Read(PatchType type, ReadOnlyMemory<byte> text, FieldValidation validation)
    {
        try
        {
            return (new ObjectPatch(type, JsonNode.Parse(text.Span, documentOptions: Strict), validation), null);
        }
        catch (JsonException broken)
        {
            return (null, new ApiError(ErrorReason.BadRequest, $"patch: not JSON: {broken.Message}"));
        }
    }

    public (IMessage? Patched, ApiError? Error) ApplyTo(StoredObject present)
    {
        var target = JsonNode.Parse(present.Json.Span)!;
        var outcome = _type switch
        {
            PatchType.Json => JsonPatch.Apply(target, _patch),
            PatchType.Strategic => StrategicMergePatch.Apply(target, _patch, present.Kind.Descriptor),
            _ => _patch is JsonObject ? PatchOutcome.Of(MergePatch.Apply(target, _patch)) : PatchOutcome.Fail("Invalid value: a merge patch is a JSON object"),
        };
        if (outcome.Problem is { } problem) return (null, Unfit(present, problem));
        if (outcome.Document is not JsonObject patched) return (null, Unfit(present, "leaves no object"));
        var decoded = ObjectBody.Decode(JsonSerializer.SerializeToUtf8Bytes(patched), yaml: false, present.Kind, _validation);
        Warnings = decoded.Warnings;
        if (decoded.Message is not { } message) return (null, ApiError.Invalid(present.Kind, present.Key.Name, decoded.Errors));
        Defaults.Apply(present.Kind, message);
        return CheckIdentity(present, message) is { } error ? (null, error) : (message, null);
    }

    /// <summary>A patch may name the version that it is for; it may not make the object another one.</summary>
    private static ApiError? CheckIdentity(StoredObject present, IMessage patched)
    {
        var metadata = present.Kind.EnsureMetadata(patched);
        if (metadata.ResourceVersion.Length > 0 && metadata.ResourceVersion != present.Revision.ToString()) return ApiError.Modified(present.Key);
        if (metadata.Uid.Length > 0 && metadata.Uid != present.Uid) return ApiError.OtherUid(present.Key, metadata.Uid, present.Uid);
        return metadata.Name == present.Key.Name && metadata.Namespace == present.Key.Namespace
            ? null
            : new ApiError(ErrorReason.BadRequest, $"the name of the patched object ({metadata.Namespace}/{metadata.Name}) is not that of the object ({present.Key.Namespace}/{present.Key.Name})");
    }

    private static ApiError Unfit(StoredObject present, string problem) =>
        new(ErrorReason.Invalid, $"{present.Kind.Name} \"{present.Key.Name}\" is invalid: patch: {problem}");
}

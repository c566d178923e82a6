using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Api.V1;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Api;

/// <summary>Decodes what clients write: a typed object, or text with any number of documents. All errors come at once.</summary>
internal static class RequestManifests
{
    private const int MaximumBytes = 3 << 20;

    public static IReadOnlyList<DecodedObject> Read(KindSet kinds, Manifest? manifest, string defaultNamespace, bool defaults = true)
    {
        var objects = manifest?.BodyCase switch
        {
            Manifest.BodyOneofCase.Text => ReadText(kinds, manifest.Text, manifest.Source, defaults),
            Manifest.BodyOneofCase.Proto => [ReadProto(manifest.Proto, defaults)],
            _ => throw new ApiError(ErrorReason.BadRequest, "manifest: Required value: an object").ToException(),
        };
        foreach (var obj in objects.Where(obj => obj.Kind.Namespaced))
        {
            var metadata = obj.Kind.EnsureMetadata(obj.Message);
            if (metadata.Namespace.Length == 0) metadata.Namespace = defaultNamespace;
        }

        return objects;
    }

    /// <summary>The one object of a request that takes one.</summary>
    public static DecodedObject ReadOne(KindSet kinds, Manifest? manifest, string defaultNamespace) => Read(kinds, manifest, defaultNamespace) switch
    {
        [var one] => one,
        var several => throw new ApiError(ErrorReason.BadRequest, $"manifest: expected one object, found {several.Count}; Apply takes several").ToException(),
    };

    /// <summary>The error with the place of the object that it is about, if that came from a text.</summary>
    public static ApiError At(ApiError error, DecodedObject obj)
    {
        var place = obj.Line > 0 ? $"{obj.Source}:{obj.Line}" : obj.Source;
        var fields = error.Fields.Select(field => field.Line > 0 ? field : field with { Source = obj.Source, Line = obj.Line, Column = 1 }).ToArray();
        return error with { Message = $"{place}: {error.Message}", Fields = fields };
    }

    private static IReadOnlyList<DecodedObject> ReadText(KindSet kinds, ByteString text, string source, bool defaults)
    {
        if (text.Length > MaximumBytes)
            throw new ApiError(ErrorReason.RequestEntityTooLarge, $"the manifest{(source.Length > 0 ? $" {source}" : "")} has {text.Length} bytes; at most {MaximumBytes} are taken at once: split it").ToException();
        var decoded = Manifests.Read(text.Memory, source, defaults, kinds);
        if (decoded.Errors.Count > 0)
            throw new ApiError(ErrorReason.Invalid, $"the manifest has {decoded.Errors.Count} error{(decoded.Errors.Count == 1 ? "" : "s")}: {string.Join("; ", decoded.Errors.Take(20))}", decoded.Errors).ToException();
        return decoded.Objects.Count > 0 ? decoded.Objects : throw new ApiError(ErrorReason.BadRequest, $"no objects in {(source.Length > 0 ? source : "the manifest")}").ToException();
    }

    private static DecodedObject ReadProto(Any proto, bool defaults)
    {
        var name = Any.GetTypeName(proto.TypeUrl);
        var kind = KindCatalog.All.FirstOrDefault(kind => kind.Descriptor.FullName == name)
            ?? throw new ApiError(ErrorReason.BadRequest, $"manifest.proto.typeUrl: Invalid value \"{proto.TypeUrl}\": not a kind of this server").ToException();
        try
        {
            var message = kind.Descriptor.Parser.ParseFrom(proto.Value);
            var filled = kind.Descriptor.Parser.ParseFrom(proto.Value);
            Defaults.Apply(filled);
            var errors = Validation.Check(filled);
            return errors.Count == 0 ? new DecodedObject(kind, defaults ? filled : message, "", 0) : throw ApiError.Invalid(kind, kind.MetadataOf(message)?.Name ?? "", errors).ToException();
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new ApiError(ErrorReason.BadRequest, $"manifest.proto: {broken.Message}").ToException();
        }
    }
}

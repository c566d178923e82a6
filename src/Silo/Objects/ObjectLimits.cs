using Google.Protobuf;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Objects;

/// <summary>How large an object may be, through whichever door it comes. The figures are those of etcd and Kubernetes.</summary>
internal static class ObjectLimits
{
    private const int EncodedBytes = 1536 << 10;
    private const int AnnotationBytes = 256 << 10;

    public static ApiError? Check(Kind kind, IMessage obj)
    {
        var size = obj.CalculateSize();
        if (size > EncodedBytes)
            return new ApiError(ErrorReason.RequestEntityTooLarge, $"{kind.Name}: the object has {size} bytes; at most {EncodedBytes} are stored");
        var annotations = kind.MetadataOf(obj)?.Annotations.Sum(annotation => (long)annotation.Key.Length + annotation.Value.Length) ?? 0;
        return annotations > AnnotationBytes
            ? new ApiError(ErrorReason.RequestEntityTooLarge, $"metadata.annotations: Too long: {annotations} characters; at most {AnnotationBytes}")
            : null;
    }
}

using Google.Protobuf;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// What indexes need of an object, read from its bytes without decoding it: the writer's thread looks at every object of the cluster,
/// most of which nobody else ever looks at. Every kind has its metadata in field 1 (docs/adr/0003).
/// </summary>
internal sealed record MetadataScan(IReadOnlyList<string> Owners, bool Terminating)
{
    private const int Metadata = 1;

    private static readonly MetadataScan Plain = new([], Terminating: false);

    public static MetadataScan Read(ReadOnlyMemory<byte> encoded)
    {
        List<string>? owners = null;
        var terminating = false;
        WireFields.Read(encoded, (field, value) =>
        {
            if (field == Metadata)
            {
                WireFields.Read(value, (inner, part) =>
                {
                    if (inner == ObjectMeta.DeletionTimestampFieldNumber) terminating = true;
                    if (inner == ObjectMeta.OwnerReferencesFieldNumber) (owners ??= []).Add(OwnerReference.Parser.ParseFrom(part.Span).Uid);
                });
            }
        });
        return owners is null && !terminating ? Plain : new MetadataScan(owners ?? [], terminating);
    }
}

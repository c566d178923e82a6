using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Kinds;

/// <summary>One kind of object, as its definition's <c>(meta.v1.kind)</c> option says.</summary>
public sealed class Kind
{
    private readonly IFieldAccessor _metadata;

    internal Kind(MessageDescriptor descriptor, KindRules rules)
    {
        Descriptor = descriptor;
        Rules = rules;
        Resource = new ResourceId(rules.Group, rules.Plural);
        ApiVersion = rules.Group.Length == 0 ? rules.Version : $"{rules.Group}/{rules.Version}";
        _metadata = descriptor.FindFieldByNumber(1).Accessor;
    }

    public MessageDescriptor Descriptor { get; }
    public KindRules Rules { get; }
    public ResourceId Resource { get; }
    public string ApiVersion { get; }
    public string Name => Rules.Kind;
    public bool Namespaced => Rules.Namespaced;

    /// <summary>The object's metadata; null if it has none yet.</summary>
    public ObjectMeta? MetadataOf(IMessage obj) => (ObjectMeta?)_metadata.GetValue(obj);

    /// <summary>The object's metadata, made if it has none yet.</summary>
    public ObjectMeta EnsureMetadata(IMessage obj)
    {
        if (MetadataOf(obj) is { } present) return present;
        var made = new ObjectMeta();
        _metadata.SetValue(obj, made);
        return made;
    }

    public override string ToString() => $"{ApiVersion} {Name}";
}

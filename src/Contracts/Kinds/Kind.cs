using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Kinds;

/// <summary>
/// One kind of object in one version: what it is called, and what its objects look like. Built-in kinds say so in the
/// <c>(meta.v1.kind)</c> option of their message, custom ones in their CustomResourceDefinition (docs/adr/0028).
/// </summary>
public sealed class Kind
{
    private readonly IFieldAccessor _metadata;

    internal Kind(MessageDescriptor descriptor, KindRules rules, IObjectDefinition? definition = null, CustomTraits? custom = null)
    {
        Descriptor = descriptor;
        Rules = rules;
        Resource = new ResourceId(rules.Group, rules.Plural);
        ApiVersion = rules.Group.Length == 0 ? rules.Version : $"{rules.Group}/{rules.Version}";
        Definition = definition ?? new MessageDefinition(descriptor);
        Custom = custom;
        _metadata = descriptor.FindFieldByNumber(1).Accessor;
    }

    /// <summary>The message that carries the objects; all custom kinds have the same.</summary>
    public MessageDescriptor Descriptor { get; }

    public KindRules Rules { get; }
    public ResourceId Resource { get; }
    public string ApiVersion { get; }
    public string Name => Rules.Kind;
    public bool Namespaced => Rules.Namespaced;

    /// <summary>What a CustomResourceDefinition says of it; null for the kinds that are built in.</summary>
    public CustomTraits? Custom { get; }

    internal IObjectDefinition Definition { get; }

    /// <summary>Whether the status is a part of its own, which only writes to it change.</summary>
    public bool HasStatus => Definition.HasStatus;

    /// <summary>Whether there is anything to count generations of.</summary>
    public bool HasGenerations => Definition.HasGenerations;

    /// <summary>Where the number of replicas stands; null for a kind that isn't scaled.</summary>
    public ScalePaths? Scale => Definition.Scale;

    /// <summary>The object in its stored form.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are none.</exception>
    public IMessage Parse(ReadOnlySpan<byte> encoded) => Definition.Parse(encoded);

    /// <summary>A copy to change.</summary>
    public IMessage Copy(IMessage obj) => Descriptor.Parser.ParseFrom(obj.ToByteString());

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

    /// <summary>Gives the object another one's status, or none. Nothing happens where the status is no part of its own.</summary>
    public void TakeStatus(IMessage obj, IMessage? from)
    {
        if (HasStatus) Definition.TakeStatus(obj, from);
    }

    /// <summary>True if anything but the metadata, and the status where it is a part of its own, differs: then it is a new generation.</summary>
    public bool SpecDiffers(IMessage left, IMessage right) => Definition.SpecDiffers(left, right);

    /// <summary>Reads a field that selectors may name, such as <c>spec.nodeName</c>; null if this one may not be named.</summary>
    public Func<IMessage, string>? FieldReader(string path) => Definition.FieldReader(path);

    public override string ToString() => $"{ApiVersion} {Name}";
}

/// <summary>Paths of the figures that a scale is made of, such as <c>.spec.replicas</c>.</summary>
/// <param name="Selector">A label selector, as an object or as text; empty if there is none.</param>
public sealed record ScalePaths(string Wanted, string Present, string Selector);

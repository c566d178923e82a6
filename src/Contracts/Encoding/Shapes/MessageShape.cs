using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Shapes;

/// <summary>A message's fields as the codec needs them, computed once for each message type.</summary>
internal sealed class MessageShape : IJsonShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageShape> Shapes = new();

    private readonly FrozenDictionary<string, FieldShape> _byName;

    private MessageShape(MessageDescriptor descriptor)
    {
        Descriptor = descriptor;
        Kind = KindCatalog.Find(descriptor);
        Fields = [.. descriptor.Fields.InDeclarationOrder().Select(field => new FieldShape(field))];
        _byName = Fields.ToFrozenDictionary(field => field.Name);
    }

    public MessageDescriptor Descriptor { get; }

    /// <summary>The kind that the message is; null for a part of one.</summary>
    public Kind? Kind { get; }

    /// <summary>In the order of their declaration, in which they are written.</summary>
    public FieldShape[] Fields { get; }

    public static MessageShape Of(MessageDescriptor descriptor) => Shapes.GetOrAdd(descriptor, static missing => new MessageShape(missing));

    public static MessageShape Of(IMessage message) => Of(message.Descriptor);

    public bool MembersStandAlone => true;

    public ListType ListType => ListType.Atomic;

    public IReadOnlyList<string> ListMapKeys => [];

    public IJsonShape? Items => null;

    public JsonNode? DefaultValue => null;

    public IJsonShape? Member(string name) => Find(name);

    public FieldShape? Find(string name) => _byName.GetValueOrDefault(name);

    public IMessage Create() => (IMessage)Activator.CreateInstance(Descriptor.ClrType)!;
}

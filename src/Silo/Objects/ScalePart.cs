using Google.Protobuf;
using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Objects.Selectors;

namespace Orchestrator.Silo.Objects;

/// <summary>
/// What the <c>scale</c> subresource shows of an object, whatever its kind: how many pods it wants, how many it has, and which are
/// its. A kind has it if its spec and its status have <c>replicas</c>.
/// </summary>
internal sealed class ScalePart
{
    private readonly FieldDescriptor _spec;
    private readonly FieldDescriptor _status;
    private readonly FieldDescriptor _wanted;
    private readonly FieldDescriptor _present;
    private readonly FieldDescriptor? _selector;

    private ScalePart(FieldDescriptor spec, FieldDescriptor status, FieldDescriptor wanted, FieldDescriptor present)
    {
        (_spec, _status, _wanted, _present) = (spec, status, wanted, present);
        _selector = spec.MessageType.FindFieldByName("selector");
    }

    /// <summary>Null for a kind that isn't scaled.</summary>
    public static ScalePart? Of(Kind kind)
    {
        var (spec, status) = (kind.Descriptor.FindFieldByName("spec"), kind.Descriptor.FindFieldByName("status"));
        var (wanted, present) = (spec?.MessageType.FindFieldByName("replicas"), status?.MessageType.FindFieldByName("replicas"));
        return wanted is not null && present is not null ? new ScalePart(spec!, status!, wanted, present) : null;
    }

    public int Wanted(IMessage obj) => (int)_wanted.Accessor.GetValue((IMessage)_spec.Accessor.GetValue(obj));

    public int Present(IMessage obj) => _status.Accessor.GetValue(obj) is IMessage status ? (int)_present.Accessor.GetValue(status) : 0;

    public string Selector(IMessage obj) => _selector?.Accessor.GetValue((IMessage)_spec.Accessor.GetValue(obj)) is Orchestrator.Objects.MetaV1.LabelSelector selector ? selector.ToText() : "";
}

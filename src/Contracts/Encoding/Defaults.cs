using System.Collections;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Fills in what the object definitions say of absent fields (<c>default_json</c>), at every level.</summary>
public static class Defaults
{
    /// <summary>The same by the definition of whatever kind the object is.</summary>
    public static void Apply(Kind kind, IMessage obj) => kind.Definition.FillIn(obj);

    public static void Apply(IMessage obj) => Apply(obj, MessageShape.Of(obj));

    private static void Apply(IMessage message, MessageShape shape)
    {
        foreach (var field in shape.Fields)
        {
            if (field.Default is { } value && !field.IsPresent(message)) MessageReader.ReadField(message, field, value, new Findings(""));
            if (field.Element != ElementKind.Message || field.Get(message) is not { } present) continue;
            if (field.IsMap) ApplyAll(((IDictionary)present).Values, field.Message);
            else if (field.IsList) ApplyAll((ICollection)present, field.Message);
            else Apply((IMessage)present, field.Message);
        }
    }

    private static void ApplyAll(ICollection messages, MessageShape shape)
    {
        foreach (IMessage message in messages) Apply(message, shape);
    }
}

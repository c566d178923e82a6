using System.Collections;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Fills in what the object definitions say of absent fields (<c>default_json</c>), at every level.</summary>
public static class Defaults
{
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

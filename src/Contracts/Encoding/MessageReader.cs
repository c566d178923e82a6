using System.Collections;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Turns a tree into a message, reporting every field that can't be read.</summary>
internal static class MessageReader
{
    public static IMessage Read(ValueNode node, MessageShape shape, Findings findings)
    {
        var message = shape.Create();
        ReadInto(message, node, shape, findings);
        return message;
    }

    /// <summary>Sets one field from a value of the kind that the field wants, as a default does.</summary>
    public static void ReadField(IMessage message, FieldShape field, ValueNode value, Findings findings)
    {
        if (value.Kind == ValueKind.Null) return;
        if (field.IsList) ReadList(message, field, value, findings);
        else if (field.IsMap) ReadMap(message, field, value, findings);
        else if (ReadElement(field, value, findings) is { } element) field.Set(message, element);
    }

    private static void ReadInto(IMessage message, ValueNode node, MessageShape shape, Findings findings)
    {
        Span<bool> seen = stackalloc bool[shape.Fields.Length];
        foreach (var (name, position, value) in node.Members)
        {
            // The document's reader has already looked at these two.
            if (shape.Kind is not null && name is "apiVersion" or "kind") continue;
            findings.EnterField(name);
            if (shape.Find(name) is not { } field)
            {
                ReportUnknown(name, position, shape, findings);
            }
            else if (seen[field.Descriptor.Index])
            {
                findings.AddAt(position, FieldReasons.Duplicate, $"the field '{name}' is given more than once");
            }
            else
            {
                seen[field.Descriptor.Index] = true;
                ReadField(message, field, value, findings);
            }
            findings.Leave();
        }
    }

    private static void ReadList(IMessage message, FieldShape field, ValueNode value, Findings findings)
    {
        if (value.Kind != ValueKind.List)
        {
            findings.AddUnreadable(value.Position, FieldReasons.TypeInvalid, ScalarReader.Mismatch("a list", value));
            return;
        }
        var list = (IList)field.Get(message)!;
        for (var index = 0; index < value.Items.Count; index++)
        {
            findings.EnterItem(index);
            // An item that can't be read keeps its place, so that the paths of those after it are right.
            list.Add(ReadElement(field, value.Items[index], findings) ?? ScalarReader.Empty(field));
            findings.Leave();
        }
    }

    private static void ReadMap(IMessage message, FieldShape field, ValueNode value, Findings findings)
    {
        if (value.Kind != ValueKind.Object)
        {
            findings.AddUnreadable(value.Position, FieldReasons.TypeInvalid, ScalarReader.Mismatch("an object", value));
            return;
        }
        var map = (IDictionary)field.Get(message)!;
        foreach (var (key, position, element) in value.Members)
        {
            findings.EnterKey(key);
            if (map.Contains(key)) findings.AddAt(position, FieldReasons.Duplicate, "the key is given more than once");
            // Kubernetes reads `key:` without a value as the empty value.
            else if (element.Kind == ValueKind.Null) map.Add(key, ScalarReader.Empty(field));
            else map.Add(key, ReadElement(field, element, findings) ?? ScalarReader.Empty(field));
            findings.Leave();
        }
    }

    private static object? ReadElement(FieldShape field, ValueNode value, Findings findings)
    {
        if (field.Element != ElementKind.Message)
        {
            if (ScalarReader.TryRead(field, value, out var scalar, out var problem)) return scalar;
            findings.AddUnreadable(value.Position, problem.Reason, problem.Message);
            return null;
        }
        if (value.Kind == ValueKind.Object) return Read(value, field.Message, findings);
        findings.AddUnreadable(value.Position, FieldReasons.TypeInvalid, ScalarReader.Mismatch("an object", value));
        return null;
    }

    private static void ReportUnknown(string name, TextPosition position, MessageShape shape, Findings findings)
    {
        var names = shape.Fields.Select(field => field.Name).ToArray();
        var meant = Similar.Find(name, names);
        var hint = meant is null ? $"the fields here are {string.Join(", ", names)}" : $"did you mean '{meant}'?";
        findings.AddAt(position, FieldReasons.Unknown, $"unknown field '{Quoted.Bare(name)}'; {hint}");
        // That the field which was meant is missing would be the same error twice.
        if (meant is not null) findings.IgnoreSibling(meant);
    }
}

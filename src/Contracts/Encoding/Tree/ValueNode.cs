namespace Orchestrator.Contracts.Encoding.Tree;

internal enum ValueKind : byte
{
    Null,
    Boolean,
    Number,
    String,
    List,
    Object,
}

/// <summary>Where something stands in its text; line and column count from 1, in characters.</summary>
internal readonly record struct TextPosition(int Line, int Column);

internal readonly record struct Member(string Name, TextPosition Position, ValueNode Value);

/// <summary>
/// A value of a YAML or JSON text with its place: what both readers make and the one decoder takes. Immutable once
/// it is read; YAML aliases share nodes.
/// </summary>
internal sealed class ValueNode
{
    private static readonly List<Member> NoMembers = [];
    private static readonly List<ValueNode> NoItems = [];

    private ValueNode(ValueKind kind, TextPosition position, string text, List<Member> members, List<ValueNode> items)
    {
        (Kind, Position, Text, Members, Items) = (kind, position, text, members, items);
        (Size, Height) = (1, 1);
        foreach (var member in members) Count(member.Value);
        foreach (var item in items) Count(item);
    }

    public ValueKind Kind { get; }
    public TextPosition Position { get; }

    /// <summary>A string's value, or a number, boolean or null as it was written.</summary>
    public string Text { get; }

    /// <summary>An object's members in their order; a name may occur twice.</summary>
    public List<Member> Members { get; }

    public List<ValueNode> Items { get; }

    /// <summary>The number of values in this one, itself included, aliases counted in full.</summary>
    public int Size { get; private set; }

    /// <summary>The number of levels in this value, 1 for a scalar.</summary>
    public int Height { get; private set; }

    public static ValueNode Scalar(ValueKind kind, string text, TextPosition position) => new(kind, position, text, NoMembers, NoItems);
    public static ValueNode Object(List<Member> members, TextPosition position) => new(ValueKind.Object, position, "", members, NoItems);
    public static ValueNode List(List<ValueNode> items, TextPosition position) => new(ValueKind.List, position, "", NoMembers, items);

    public Member? Find(string name)
    {
        foreach (var member in Members)
        {
            if (member.Name == name) return member;
        }
        return null;
    }

    private void Count(ValueNode child)
    {
        Size += child.Size;
        Height = Math.Max(Height, child.Height + 1);
    }
}

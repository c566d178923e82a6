using System.Buffers;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Contracts.Encoding.Tree;

/// <summary>Reads the documents of one piece of YAML text into trees with positions.</summary>
internal sealed class YamlTree
{
    private const string CoreTag = "tag:yaml.org,2002:";

    private readonly Parser _parser;
    private readonly int _linesBefore;
    private readonly Dictionary<AnchorName, ValueNode> _anchors = [];
    private int _aliased;

    private YamlTree(string text, int linesBefore)
    {
        _parser = new Parser(new StringReader(text));
        _linesBefore = linesBefore;
    }

    /// <summary>Appends the documents to <paramref name="into"/>; on malformed text those before it stay.</summary>
    /// <exception cref="MalformedTextException">The text is not YAML, or beyond <see cref="TreeLimits"/>.</exception>
    public static void Read(string text, int linesBefore, List<ValueNode> into)
    {
        var tree = new YamlTree(text, linesBefore);
        try
        {
            tree._parser.MoveNext();
            while (tree._parser.MoveNext() && tree._parser.Current is DocumentStart) into.Add(tree.ReadDocument());
        }
        catch (YamlException malformed)
        {
            throw new MalformedTextException($"is not valid YAML: {malformed.Message}", tree.At(malformed.Start));
        }
        catch (Exception defect) when (defect is InvalidOperationException or ArgumentException)
        {
            // How this parser answers some malformed texts, such as "...\n]" and "\ud800\ud800".
            throw new MalformedTextException("is not valid YAML", tree.At(tree._parser.Current?.End ?? Mark.Empty));
        }
    }

    private ValueNode ReadDocument()
    {
        _anchors.Clear();
        _parser.MoveNext();
        var root = ReadValue(1);
        _parser.MoveNext();
        return root;
    }

    /// <summary>Reads the value that starts at the current event, and leaves its last event current.</summary>
    private ValueNode ReadValue(int depth)
    {
        var start = _parser.Current!;
        var position = At(start.Start);
        if (start is AnchorAlias alias) return Resolve(alias, depth, position);
        if (start is not Scalar && depth > TreeLimits.Depth) throw new MalformedTextException(TreeLimits.TooDeep, position);
        var node = start switch
        {
            Scalar scalar => ReadScalar(scalar, position),
            SequenceStart sequence => ReadList(sequence, depth, position),
            MappingStart mapping => ReadObject(mapping, depth, position),
            _ => throw new MalformedTextException("a value is missing here", position),
        };
        if (start is NodeEvent { Anchor.IsEmpty: false } anchored) _anchors[anchored.Anchor] = node;
        return node;
    }

    private ValueNode ReadList(SequenceStart start, int depth, TextPosition position)
    {
        RefuseTag(start, "seq");
        var items = new List<ValueNode>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd) items.Add(ReadValue(depth + 1));
        return ValueNode.List(items, position);
    }

    private ValueNode ReadObject(MappingStart start, int depth, TextPosition position)
    {
        RefuseTag(start, "map");
        var members = new List<Member>();
        List<ValueNode>? merged = null;
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var isMerge = _parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            var key = ReadValue(depth + 1);
            if (key.Kind is ValueKind.List or ValueKind.Object or ValueKind.Null)
            {
                throw new MalformedTextException("a key must be a string", key.Position);
            }
            _parser.MoveNext();
            var value = ReadValue(depth + 1);
            if (isMerge) (merged ??= []).Add(value);
            else members.Add(new Member(key.Text, key.Position, value));
        }
        foreach (var source in merged ?? []) Merge(source, members);
        return ValueNode.Object(members, position);
    }

    /// <summary>The merge key of YAML 1.1: an object, or a list of them, whose members fill in those that are absent.</summary>
    private static void Merge(ValueNode source, List<Member> members)
    {
        foreach (var item in source.Items) Merge(item, members);
        if (source.Kind is not (ValueKind.Object or ValueKind.List))
        {
            throw new MalformedTextException("the merge key \"<<\" wants an object or a list of objects", source.Position);
        }
        var present = members.Select(member => member.Name).ToHashSet();
        members.AddRange(source.Members.Where(member => present.Add(member.Name)));
    }

    private ValueNode ReadScalar(Scalar scalar, TextPosition position)
    {
        if (HasHalfSurrogate(scalar.Value)) throw MalformedTextException.HalfSurrogate(position);
        if (scalar.Tag.IsEmpty)
        {
            if (!scalar.IsPlainImplicit) return ValueNode.Scalar(ValueKind.String, scalar.Value, position);
            var plain = YamlScalar.KindOf(scalar.Value);
            return ValueNode.Scalar(plain, YamlScalar.Normalize(plain, scalar.Value), position);
        }
        if (scalar.Tag.IsNonSpecific || scalar.Tag.Value == CoreTag + "str")
        {
            return ValueNode.Scalar(ValueKind.String, scalar.Value, position);
        }
        var kind = YamlScalar.KindOf(scalar.Value);
        RefuseTag(scalar, kind switch
        {
            ValueKind.Null => "null",
            ValueKind.Boolean => "bool",
            ValueKind.Number => scalar.Tag.Value == CoreTag + "float" ? "float" : "int",
            _ => "str",
        });
        return ValueNode.Scalar(kind, YamlScalar.Normalize(kind, scalar.Value), position);
    }

    private ValueNode Resolve(AnchorAlias alias, int depth, TextPosition position)
    {
        if (!_anchors.TryGetValue(alias.Value, out var node))
        {
            throw new MalformedTextException($"the alias *{alias.Value} names no anchor that is complete before it", position);
        }
        _aliased += node.Size;
        if (_aliased > TreeLimits.AliasedValues)
        {
            throw new MalformedTextException($"the aliases repeat more than {TreeLimits.AliasedValues} values", position);
        }
        if (depth + node.Height - 1 > TreeLimits.Depth) throw new MalformedTextException(TreeLimits.TooDeep, position);
        return node;
    }

    private static bool HasHalfSurrogate(string text)
    {
        for (var rest = text.AsSpan(); rest.IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var surrogate;)
        {
            if (Rune.DecodeFromUtf16(rest[surrogate..], out _, out _) != OperationStatus.Done) return true;
            rest = rest[(surrogate + 2)..];
        }
        return false;
    }

    private void RefuseTag(NodeEvent node, string allowed)
    {
        if (node.Tag.IsEmpty || node.Tag.IsNonSpecific || node.Tag.Value == CoreTag + allowed) return;
        throw new MalformedTextException($"the tag {node.Tag.Value} is not supported here", At(node.Start));
    }

    private TextPosition At(Mark mark) => new((int)mark.Line + _linesBefore, (int)mark.Column);
}

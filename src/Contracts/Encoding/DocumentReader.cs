using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Finds out what a document is by its apiVersion and kind, and reads it; a List gives each of its items.</summary>
internal sealed class DocumentReader
{
    private const string ListSuffix = "List";

    private readonly Findings _findings;
    private readonly string _source;
    private KindSet _kinds;
    private readonly Action<Kind, IMessage>? _check;

    /// <param name="findings">Where errors go.</param>
    /// <param name="source">The name of the text.</param>
    /// <param name="kinds">What objects may be.</param>
    /// <param name="check">Is called with each object while its path is entered.</param>
    public DocumentReader(Findings findings, string source, KindSet kinds, Action<Kind, IMessage>? check = null)
    {
        (_findings, _source, _kinds, _check) = (findings, source, kinds, check);
    }

    public List<DecodedObject> Objects { get; } = [];

    /// <summary>What later documents may be, beside what they may be by now.</summary>
    public void Learn(KindSet kinds) => _kinds = kinds;

    /// <param name="document">The text's tree.</param>
    /// <param name="expected">What it must be; then apiVersion and kind may be absent.</param>
    public void Read(ValueNode document, Kind? expected)
    {
        _findings.StartDocument(document);
        ReadObject(document, expected);
    }

    private void ReadObject(ValueNode node, Kind? expected)
    {
        if (node.Kind != ValueKind.Object)
        {
            Mistyped(node, "an object with apiVersion, kind and metadata");
            return;
        }
        var (apiVersion, kindName) = (ReadName(node, "apiVersion", expected), ReadName(node, "kind", expected));
        if (apiVersion is null || kindName is null) return;
        if (expected is not null && (apiVersion is "" || apiVersion == expected.ApiVersion)
            && (kindName is "" || kindName == expected.Name))
        {
            ReadKind(node, expected);
        }
        else if (expected is not null)
        {
            ReportMismatch(node, expected, apiVersion, kindName);
        }
        else if (_kinds.Find(apiVersion, kindName) is { } kind)
        {
            ReadKind(node, kind);
        }
        else if (ItemKind(apiVersion, kindName, out var items))
        {
            ReadItems(node, items);
        }
        else
        {
            var (field, message) = UnknownKind.Explain(apiVersion, kindName, _kinds);
            Report(node, field, FieldReasons.NotSupported, message);
        }
    }

    private void ReadKind(ValueNode node, Kind kind)
    {
        var message = kind.Definition.Read(node, _findings);
        _check?.Invoke(kind, message);
        Objects.Add(new DecodedObject(kind, message, _source, node.Position.Line));
    }

    private void ReadItems(ValueNode list, Kind? kind)
    {
        _findings.EnterField("items");
        if (list.Find("items") is { Value: var items })
        {
            if (items.Kind != ValueKind.List) Mistyped(items, "a list");
            for (var index = 0; index < items.Items.Count; index++)
            {
                _findings.EnterItem(index);
                ReadObject(items.Items[index], kind);
                _findings.Leave();
            }
        }
        _findings.Leave();
    }

    /// <summary>True for <c>v1 List</c> (of anything) and for the list of a kind, such as <c>v1 PodList</c>.</summary>
    private bool ItemKind(string apiVersion, string name, out Kind? kind)
    {
        kind = null;
        if (!name.EndsWith(ListSuffix, StringComparison.Ordinal)) return false;
        if (name.Length == ListSuffix.Length) return apiVersion == "v1";
        kind = _kinds.Find(apiVersion, name[..^ListSuffix.Length]);
        return kind is not null;
    }

    /// <summary>The text of apiVersion or kind, empty where it may be absent; null if it was reported.</summary>
    private string? ReadName(ValueNode node, string field, Kind? expected)
    {
        var given = node.Members.Where(member => member.Name == field && member.Value.Kind != ValueKind.Null).ToArray();
        if (given is [{ Value: { Kind: ValueKind.String, Text.Length: > 0 } text }]) return text.Text;
        if (given.Length == 0 && expected is not null) return "";
        _findings.EnterField(field);
        if (given.Length > 1)
        {
            _findings.AddUnreadable(given[1].Position, FieldReasons.Duplicate, $"the field '{field}' is given more than once");
        }
        else if (given is [{ Value: { Kind: not ValueKind.String } value }])
        {
            Mistyped(value, "a string");
        }
        else
        {
            var example = field == "kind" ? "Pod" : "v1";
            _findings.AddUnreadable(node.Position, FieldReasons.Required, $"Required value: names what this object is, such as {example}");
        }
        _findings.Leave();
        return null;
    }

    private void Mistyped(ValueNode node, string expected) =>
        _findings.AddUnreadable(node.Position, FieldReasons.TypeInvalid, ScalarReader.Mismatch(expected, node));

    private void ReportMismatch(ValueNode node, Kind expected, string apiVersion, string kind)
    {
        var (sameVersion, sameKind) = (apiVersion is "" || apiVersion == expected.ApiVersion, kind is "" || kind == expected.Name);
        var found = $"{(apiVersion is "" ? expected.ApiVersion : Quoted.Bare(apiVersion))} {(kind is "" ? expected.Name : Quoted.Bare(kind))}";
        Report(node, sameKind && !sameVersion ? "apiVersion" : "kind", FieldReasons.Invalid, $"expected {expected}, found {found}");
    }

    private void Report(ValueNode node, string field, string reason, string message)
    {
        _findings.EnterField(field);
        _findings.AddUnreadable(node.Find(field)?.Value.Position ?? node.Position, reason, message);
        _findings.Leave();
    }
}

using System.Text.Unicode;

namespace Orchestrator.Contracts.Encoding.Tree;

/// <summary>An input's documents as trees; what makes a part unreadable is reported and the rest is read.</summary>
internal static class InputText
{
    public static List<ValueNode> Read(ReadOnlySpan<byte> utf8, Findings findings)
    {
        var documents = new List<ValueNode>();
        if (utf8.Length > TreeLimits.InputBytes)
        {
            var message = $"the manifest has {utf8.Length} bytes, at most {TreeLimits.InputBytes} (3 MiB) are read; split it";
            findings.AddAt(default, FieldReasons.TooLong, message);
            return documents;
        }
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8))
        {
            findings.AddAt(default, FieldReasons.Invalid, "the manifest is not UTF-8 text");
            return documents;
        }
        if (!LooksLikeJson(utf8)) ReadYaml(utf8, findings, documents);
        else ReadJsonOrFlow(utf8, findings, documents);
        return documents;
    }

    /// <summary>YAML's flow style begins as JSON does; if the text is neither, what it lacks as JSON is reported.</summary>
    private static void ReadJsonOrFlow(ReadOnlySpan<byte> utf8, Findings findings, List<ValueNode> documents)
    {
        var asJson = findings.Fresh();
        ReadJson(utf8, asJson, documents);
        if (!asJson.Any) return;
        var (asYaml, flow) = (findings.Fresh(), new List<ValueNode>());
        ReadYaml(utf8, asYaml, flow);
        if (asYaml.Any)
        {
            findings.AddAll(asJson);
            return;
        }
        documents.Clear();
        documents.AddRange(flow);
    }

    /// <summary>Reads JSON whose bytes need not be UTF-8.</summary>
    public static void ReadJson(ReadOnlySpan<byte> utf8, Findings findings, List<ValueNode> documents)
    {
        try
        {
            JsonTree.Read(utf8, documents);
        }
        catch (MalformedTextException malformed)
        {
            findings.AddAt(malformed.Position, FieldReasons.Invalid, malformed.Message);
        }
    }

    private static void ReadYaml(ReadOnlySpan<byte> utf8, Findings findings, List<ValueNode> documents)
    {
        foreach (var (document, linesBefore) in YamlDocuments.Split(System.Text.Encoding.UTF8.GetString(utf8)))
        {
            try
            {
                YamlTree.Read(document, linesBefore, documents);
            }
            catch (MalformedTextException malformed)
            {
                findings.AddAt(malformed.Position, FieldReasons.Invalid, malformed.Message);
            }
        }
    }

    private static bool LooksLikeJson(ReadOnlySpan<byte> utf8)
    {
        var content = utf8.TrimStart(" \t\r\n"u8);
        return !content.IsEmpty && content[0] == (byte)'{' && content.IndexOf("\n---"u8) < 0;
    }
}

namespace Orchestrator.Contracts.Encoding.Tree;

/// <summary>
/// Cuts a YAML stream at its <c>---</c> lines, so that a syntax error in one document hides no error of the next.
/// YAML allows no such line inside any scalar, quoted or block (§9.1.2), so the cut is exact.
/// </summary>
internal static class YamlDocuments
{
    /// <summary>The documents and how many lines stand before each.</summary>
    public static List<(string Text, int LinesBefore)> Split(string stream)
    {
        var documents = new List<(string, int)>();
        var (start, startLine, line) = (0, 0, 0);
        var hasContent = false;
        for (var index = 0; index < stream.Length; line++)
        {
            var end = EndOfLine(stream, index);
            var text = stream.AsSpan(index, end - index);
            if (IsStart(text) && hasContent)
            {
                documents.Add((stream[start..index], startLine));
                (start, startLine) = (index, line);
            }
            // Comments and directives belong to the document that follows them.
            if (!IsPreamble(text)) hasContent = true;
            index = end;
        }
        documents.Add((stream[start..], startLine));
        return documents;
    }

    private static bool IsStart(ReadOnlySpan<char> line) => line.StartsWith("---") && (line.Length == 3 || char.IsWhiteSpace(line[3]));

    private static bool IsPreamble(ReadOnlySpan<char> line)
    {
        var trimmed = line.Trim();
        return trimmed.IsEmpty || trimmed[0] == '#' || line[0] == '%';
    }

    private static int EndOfLine(string text, int index)
    {
        var end = text.AsSpan(index).IndexOfAny('\r', '\n');
        if (end < 0) return text.Length;
        end += index;
        return text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
    }
}

using System.Text;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Kubernetes' <c>$(NAME)</c> in commands and values: a known name becomes its value, an unknown one stays, <c>$$</c> is a dollar.</summary>
internal static class VariableReferences
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        if (!text.Contains('$', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            var end = text[i] == '$' && next == '(' ? text.IndexOf(')', i) : -1;
            if (text[i] == '$' && next == '$') i++;
            if (end < 0)
            {
                result.Append(text[i]);
                continue;
            }

            result.Append(variables.TryGetValue(text[(i + 2)..end], out var value) ? value : text[i..(end + 1)]);
            i = end;
        }

        return result.ToString();
    }
}

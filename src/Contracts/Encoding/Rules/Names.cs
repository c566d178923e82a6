namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>Kubernetes' forms of names, checked by hand: no pattern that a hostile text could slow down.</summary>
internal static class Names
{
    private const int LabelLength = 63;
    private const int SubdomainLength = 253;
    private const int PortNameLength = 15;

    public static bool IsDnsLabel(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > LabelLength || text[0] == '-' || text[^1] == '-') return false;
        foreach (var character in text)
        {
            if (!IsLower(character) && character != '-') return false;
        }
        return true;
    }

    public static bool IsDnsSubdomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > SubdomainLength) return false;
        foreach (var label in text.Split('.'))
        {
            if (!IsDnsLabel(text[label])) return false;
        }
        return true;
    }

    public static bool IsQualifiedName(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        if (slash >= 0 && !IsDnsSubdomain(text[..slash])) return false;
        var name = text[(slash + 1)..];
        return !name.IsEmpty && IsLabelValue(name);
    }

    public static bool IsLabelValue(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return true;
        if (text.Length > LabelLength || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) return false;
        }
        return true;
    }

    public static bool IsEnvironmentName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || char.IsAsciiDigit(text[0]) || text is "." || text.StartsWith("..")) return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) return false;
        }
        return true;
    }

    public static bool IsConfigKey(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > 253 || text is "." || text.StartsWith("..")) return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) return false;
        }
        return true;
    }

    public static bool IsPortName(ReadOnlySpan<char> text) =>
        text.Length <= PortNameLength && IsDnsLabel(text)
        && !text.Contains("--", StringComparison.Ordinal) && text.ContainsAnyInRange('a', 'z');

    public static bool IsPathSegment(ReadOnlySpan<char> text) => text is not ("" or "." or "..") && !text.ContainsAny('/', '%');

    private static bool IsLower(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);
}

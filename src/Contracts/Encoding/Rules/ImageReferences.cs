using System.Buffers;
using System.Globalization;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>
/// <c>[registry[:port]/]path[:tag][@algorithm:hex]</c>, as the OCI distribution specification and its reference
/// implementation have it.
/// </summary>
internal static class ImageReferences
{
    private const int NameLength = 255;
    private const int TagLength = 128;
    private const string Wanted = "must be an image reference, [registry[:port]/]path[:tag][@digest]";
    private const string WantedTag = "must have a tag of letters, digits, '_', '-' and '.', at most 128 characters, after ':'";
    private const string WantedDigest = "must have a digest such as sha256: and 64 hexadecimal digits after '@'";

    private static readonly SearchValues<char> Alphanumerics = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> AlgorithmCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+._-");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>What the text must be; null if it is an image reference.</summary>
    public static string? Problem(string text)
    {
        var rest = text.AsSpan();
        var at = rest.IndexOf('@');
        if (at >= 0)
        {
            if (!IsDigest(rest[(at + 1)..])) return WantedDigest;
            rest = rest[..at];
        }
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            if (!IsTag(rest[(colon + 1)..])) return WantedTag;
            rest = rest[..colon];
        }
        if (rest.Length is 0 or > NameLength) return $"{Wanted}, whose name has 1 to {NameLength} characters";
        return IsName(rest) ? null : $"{Wanted}, with a path in lower case";
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        var slash = name.IndexOf('/');
        if (slash >= 0 && IsRegistry(name[..slash])) name = name[(slash + 1)..];
        foreach (var component in name.Split('/'))
        {
            if (!IsPathComponent(name[component])) return false;
        }
        return true;
    }

    /// <summary>The first component is a registry if it has what no path component has, or is localhost.</summary>
    private static bool IsRegistry(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny('.', ':') && text is not "localhost" && !text.ContainsAnyInRange('A', 'Z')) return false;
        var host = text;
        var colon = text.LastIndexOf(':');
        if (colon > text.LastIndexOf(']'))
        {
            if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)) return false;
            host = text[..colon];
        }
        if (host.Length > 2 && host[0] == '[' && host[^1] == ']') return host.Contains(':') && Addresses.IsAddress(host[1..^1]);
        foreach (var range in host.Split('.'))
        {
            var label = host[range];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-') return false;
            foreach (var character in label)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character != '-') return false;
            }
        }
        return true;
    }

    /// <summary>Lower-case letters and digits, separated by one '.', one or two '_', or any number of '-'.</summary>
    private static bool IsPathComponent(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !IsAlphanumeric(text[0]) || !IsAlphanumeric(text[^1])) return false;
        while (!text.IsEmpty)
        {
            var run = text.IndexOfAnyExcept(Alphanumerics);
            if (run < 0) return true;
            text = text[run..];
            var separator = text.IndexOfAnyExcept(text[0]);
            var allowed = text[0] switch { '.' => 1, '_' => 2, '-' => int.MaxValue, _ => 0 };
            if (separator > allowed || !IsAlphanumeric(text[separator])) return false;
            text = text[separator..];
        }
        return true;
    }

    private static bool IsTag(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > TagLength || text[0] is '.' or '-') return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.')) return false;
        }
        return true;
    }

    private static bool IsDigest(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0) return false;
        var algorithm = text[..colon];
        var hex = text[(colon + 1)..];
        if (hex.ContainsAnyExcept(HexDigits)) return false;
        return algorithm switch
        {
            "sha256" => hex.Length == 64,
            "sha512" => hex.Length == 128,
            _ => hex.Length >= 32 && !algorithm.ContainsAnyExcept(AlgorithmCharacters),
        };
    }

    private static bool IsAlphanumeric(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);
}

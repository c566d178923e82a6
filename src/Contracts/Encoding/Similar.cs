namespace Orchestrator.Contracts.Encoding;

/// <summary>Finds the name that was meant: one that differs in case only or is one edit away.</summary>
internal static class Similar
{
    public static string? Find(string name, IEnumerable<string> known)
    {
        string? near = null;
        foreach (var candidate in known)
        {
            if (string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase)) return candidate;
            if (near is null && candidate.Length > 2 && IsOneEdit(name, candidate)) near = candidate;
        }
        return near;
    }

    /// <summary>One character inserted, left out, replaced, or two neighbours swapped.</summary>
    private static bool IsOneEdit(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (Math.Abs(left.Length - right.Length) > 1) return false;
        var prefix = left.CommonPrefixLength(right);
        left = left[prefix..];
        right = right[prefix..];
        while (!left.IsEmpty && !right.IsEmpty && left[^1] == right[^1])
        {
            left = left[..^1];
            right = right[..^1];
        }
        return (left.Length, right.Length) switch
        {
            ( <= 1, <= 1) => true,
            (2, 2) => left[0] == right[1] && left[1] == right[0],
            _ => false,
        };
    }
}

using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Orchestrator.Contracts.Encoding.Tree;

/// <summary>What a plain (unquoted) YAML scalar means, by the core schema of YAML 1.2 (§10.3.2).</summary>
internal static class YamlScalar
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static ValueKind KindOf(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ValueKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ValueKind.Boolean,
        _ => IsNumber(plain) ? ValueKind.Number : ValueKind.String,
    };

    /// <summary>A number or boolean in the form that JSON gives it; 0o17 and 0x1f become decimal.</summary>
    public static string Normalize(ValueKind kind, string plain) => kind switch
    {
        ValueKind.Boolean => plain[0] is 't' or 'T' ? "true" : "false",
        ValueKind.Number when plain.StartsWith("0x", StringComparison.Ordinal) => Decimal(plain[2..], 16),
        ValueKind.Number when plain.StartsWith("0o", StringComparison.Ordinal) => Decimal(plain[2..], 8),
        _ => plain,
    };

    private static string Decimal(string digits, int radix) =>
        digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * radix) + Convert.ToInt32(digit.ToString(), 16))
            .ToString(CultureInfo.InvariantCulture);

    private static bool IsNumber(string plain)
    {
        var rest = plain.AsSpan();
        if (rest.Length is > 2 and <= 40 && rest[0] == '0' && rest[1] is 'x' or 'o')
        {
            return rest[1] == 'x' ? !rest[2..].ContainsAnyExcept(HexDigits) : !rest[2..].ContainsAnyExceptInRange('0', '7');
        }
        if (rest[0] is '-' or '+') rest = rest[1..];
        if (rest is ".inf" or ".Inf" or ".INF" || plain is ".nan" or ".NaN" or ".NAN") return true;
        var whole = SkipDigits(ref rest);
        var fraction = 0;
        if (!rest.IsEmpty && rest[0] == '.')
        {
            rest = rest[1..];
            fraction = SkipDigits(ref rest);
        }
        if (whole + fraction == 0) return false;
        if (rest.IsEmpty) return true;
        if (rest[0] is not ('e' or 'E')) return false;
        rest = rest[1..];
        if (!rest.IsEmpty && rest[0] is '-' or '+') rest = rest[1..];
        return SkipDigits(ref rest) > 0 && rest.IsEmpty;
    }

    private static int SkipDigits(ref ReadOnlySpan<char> rest)
    {
        var count = 0;
        while (count < rest.Length && char.IsAsciiDigit(rest[count])) count++;
        rest = rest[count..];
        return count;
    }
}

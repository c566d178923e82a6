using System.Globalization;
using System.Numerics;

namespace Orchestrator.Contracts.Values;

/// <summary>The written form of <see cref="Quantity"/>: <c>sign digits[.digits] suffix</c>.</summary>
internal static class QuantityText
{
    // Longer text is no amount that anyone means, and would only cost time.
    private const int MaximumLength = 96;
    private const int NanoDigits = 9;
    // With at most MaximumLength digits, beyond these the outcome is known without computing the power.
    private const int MaximumPower = 64;
    private const int MinimumPower = -2 * MaximumLength;

    private const string DecimalSuffixes = "num kMGTPE";
    private const string BinarySuffixes = "KMGTPE";

    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (text is null || text.Length is 0 or > MaximumLength) return false;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+') rest = rest[1..];
        if (!TryReadDigits(ref rest, out var digits, out var fractionDigits)) return false;
        if (!TryReadSuffix(rest, out var family, out var power10, out var power2)) return false;
        if (!TryScale(digits << power2, NanoDigits + power10 - fractionDigits, out var nano)) return false;
        quantity = new Quantity(negative ? -nano : nano, family);
        return true;
    }

    public static string Format(Quantity quantity)
    {
        var nano = quantity.Nano;
        if (nano == 0) return "0";
        if (quantity.Family == QuantityFamily.BinarySI && TryFormatBinary(nano, out var binary)) return binary;
        var power = -NanoDigits;
        while (nano % 1000 == 0)
        {
            nano /= 1000;
            power += 3;
        }
        var number = nano.ToString(CultureInfo.InvariantCulture);
        if (power == 0) return number;
        return quantity.Family == QuantityFamily.DecimalExponent
            ? string.Create(CultureInfo.InvariantCulture, $"{number}e{power}")
            : number + DecimalSuffixes[(power + NanoDigits) / 3];
    }

    private static bool TryFormatBinary(Int128 nano, out string text)
    {
        text = "";
        var (units, fraction) = Int128.DivRem(nano, Quantity.NanoPerUnit);
        if (fraction != 0 || Int128.Abs(units) < 1024) return false;
        var power = 0;
        while (units % 1024 == 0)
        {
            units /= 1024;
            power++;
        }
        text = units.ToString(CultureInfo.InvariantCulture);
        if (power > 0) text += $"{BinarySuffixes[power - 1]}i";
        return true;
    }

    private static bool TryReadDigits(ref ReadOnlySpan<char> rest, out BigInteger digits, out int fractionDigits)
    {
        Span<char> buffer = stackalloc char[MaximumLength];
        var (length, point, index) = (0, -1, 0);
        for (; index < rest.Length && (char.IsAsciiDigit(rest[index]) || rest[index] == '.'); index++)
        {
            if (rest[index] != '.') buffer[length++] = rest[index];
            else if (point < 0) point = length;
            else break;
        }
        rest = rest[index..];
        fractionDigits = point < 0 ? 0 : length - point;
        digits = length == 0 ? default : BigInteger.Parse(buffer[..length], NumberStyles.None, CultureInfo.InvariantCulture);
        return length > 0;
    }

    private static bool TryReadSuffix(ReadOnlySpan<char> suffix, out QuantityFamily family, out int power10, out int power2)
    {
        (family, power10, power2) = (QuantityFamily.DecimalSI, 0, 0);
        if (suffix.IsEmpty) return true;
        if (suffix.Length == 2 && suffix[1] == 'i' && BinarySuffixes.IndexOf(suffix[0]) is >= 0 and var binary)
        {
            (family, power2) = (QuantityFamily.BinarySI, 10 * (binary + 1));
            return true;
        }
        if (suffix.Length == 1 && suffix[0] != ' ' && DecimalSuffixes.IndexOf(suffix[0]) is >= 0 and var step)
        {
            power10 = (3 * step) - NanoDigits;
            return true;
        }
        family = QuantityFamily.DecimalExponent;
        return suffix.Length is > 1 and <= 8 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power10);
    }

    /// <summary>digits × 10^power, rounded up; false if that is out of range.</summary>
    private static bool TryScale(BigInteger digits, int power, out Int128 nano)
    {
        nano = 0;
        if (digits.IsZero) return true;
        if (power > MaximumPower) return false;
        if (power < MinimumPower)
        {
            nano = 1;
            return true;
        }
        var scaled = power >= 0 ? digits * BigInteger.Pow(10, power) : Ceiling(digits, BigInteger.Pow(10, -power));
        if (scaled > (BigInteger)Quantity.MaximumNano) return false;
        nano = (Int128)scaled;
        return true;
    }

    private static BigInteger Ceiling(BigInteger value, BigInteger unit)
    {
        var quotient = BigInteger.DivRem(value, unit, out var remainder);
        return remainder.IsZero ? quotient : quotient + 1;
    }
}

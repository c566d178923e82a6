using System.Globalization;
using System.Numerics;
using CsCheck;
using Orchestrator.Contracts.Values;

namespace Orchestrator.Contracts.Tests.Values;

public sealed class QuantityTests
{
    // The right column is what Kubernetes' own Quantity prints.
    [Theory]
    [InlineData("0", "0")]
    [InlineData("500m", "500m")]
    [InlineData("0.5", "500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1000m", "1")]
    [InlineData("1000", "1k")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("128Mi", "128Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5Ki", "512")]
    [InlineData("1023Ki", "1023Ki")]
    [InlineData("1025", "1025")]
    [InlineData("0.5Mi", "512Ki")]
    [InlineData("1.0005Ki", "1024512m")]
    [InlineData("2e3", "2e3")]
    [InlineData("2E3", "2e3")]
    [InlineData("12e2", "1200")]
    [InlineData("1E", "1E")]
    [InlineData("1Ei", "1Ei")]
    [InlineData("100n", "100n")]
    [InlineData("3u", "3u")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("+5", "5")]
    [InlineData("-1.5", "-1500m")]
    [InlineData("0.0000000001", "1n")]
    [InlineData("1e-300", "1e-9")]
    [InlineData("0e999999", "0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    public void It_prints_the_canonical_form(string text, string canonical)
    {
        Assert.True(Quantity.TryParse(text, out var quantity));
        Assert.Equal(canonical, quantity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("1mi")]
    [InlineData("1K")]
    [InlineData("1e")]
    [InlineData("1ee3")]
    [InlineData("1e3.5")]
    [InlineData("1Gib")]
    [InlineData("0x10")]
    [InlineData("١")]
    [InlineData("NaN")]
    [InlineData("9223372036854775808")]
    [InlineData("8Ei")]
    [InlineData("1e19")]
    [InlineData("1e2147483647")]
    public void It_refuses_what_is_no_quantity(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Fact]
    public void What_it_prints_it_reads_back_and_prints_again() => Texts.Holds(text =>
    {
        Assert.True(Quantity.TryParse(text, out var quantity));
        Assert.True(Quantity.TryParse(quantity.ToString(), out var again));
        Assert.Equal(quantity, again);
        Assert.Equal(quantity.ToString(), again.ToString());
    }, iter: 10_000);

    [Fact]
    public void Sums_and_orders_are_those_of_the_exact_values() => Gen.Select(Texts, Texts).Holds((left, right) =>
    {
        Assert.True(Quantity.TryParse(left, out var a));
        Assert.True(Quantity.TryParse(right, out var b));
        var (exactA, exactB) = (ExactNano(left), ExactNano(right));
        Assert.Equal(exactA.CompareTo(exactB), a.CompareTo(b));
        Assert.Equal(exactA + exactB, NanoOf(a + b));
        Assert.Equal(exactA - exactB, NanoOf(a - b));
        Assert.Equal(a, a + b - b);
    }, iter: 10_000);

    [Theory]
    [InlineData("1.5", 2, 1500)]
    [InlineData("-1.5", -1, -1500)]
    [InlineData("1n", 1, 1)]
    [InlineData("-1n", 0, 0)]
    [InlineData("0", 0, 0)]
    [InlineData("128Mi", 134217728, 134217728000)]
    [InlineData("9223372036854775807", long.MaxValue, long.MaxValue)]
    [InlineData("-9223372036854775807", -long.MaxValue, long.MinValue)]
    public void It_rounds_up_and_stays_within_64_bits(string text, long units, long milli)
    {
        Assert.True(Quantity.TryParse(text, out var quantity));
        Assert.Equal((units, milli), (quantity.ToInt64Ceiling(), quantity.MilliCeiling()));
    }

    [Fact]
    public void A_sum_beyond_the_limit_stays_at_the_limit()
    {
        var most = Quantity.FromInt64(long.MaxValue);
        Assert.Equal(most, most + most);
        Assert.Equal(Quantity.FromInt64(-long.MaxValue), Quantity.Zero - most - most);
        Assert.Equal(most, Quantity.Zero - Quantity.FromInt64(long.MinValue));
    }

    [Fact]
    public void A_sum_keeps_the_suffixes_of_its_first_part()
    {
        Assert.True(Quantity.TryParse("64Mi", out var memory));
        Assert.Equal("128Mi", (memory + memory).ToString());
        Assert.Equal("64Mi", (Quantity.Zero + memory).ToString());
        Assert.Equal("1537500m", (Quantity.FromMilli(1500) + Quantity.FromInt64(1536)).ToString());
        Assert.Equal("2Gi", Quantity.FromBytes(2L << 30).ToString());
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.String.Holds(text => Assert.True(Quantity.TryParse(text, out var read) || read.IsZero), iter: 20_000);

    private static readonly string[] Suffixes = ["", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "E2"];

    private static readonly Gen<string> Texts = Gen.Select(Gen.Int[-1_000_000, 1_000_000], Gen.Int[0, 999_999], Gen.Int[0, Suffixes.Length - 1])
        .Select(parts => string.Create(CultureInfo.InvariantCulture, $"{parts.Item1}.{parts.Item2}{Suffixes[parts.Item3]}"));

    private static BigInteger NanoOf(Quantity quantity) => BigInteger.Parse(quantity.Nano.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Another way to the value: the text as a fraction of whole numbers.</summary>
    private static BigInteger ExactNano(string text)
    {
        var end = text.TakeWhile(character => character is '-' or '.' || char.IsAsciiDigit(character)).Count();
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var fractionDigits = end - point - 1;
        var (multiplier, divisor) = text[end..] switch
        {
            "m" => (1, 1000),
            "k" or "e3" => (1000, 1),
            "M" => (1_000_000, 1),
            "E2" => (100, 1),
            "Ki" => (1 << 10, 1),
            "Mi" => (1 << 20, 1),
            "Gi" => (1 << 30, 1),
            _ => (1, 1),
        };
        var magnitude = BigInteger.Parse(text[..end].Replace(".", "", StringComparison.Ordinal).TrimStart('-'), CultureInfo.InvariantCulture) * multiplier * 1_000_000_000;
        var unit = BigInteger.Pow(10, fractionDigits) * divisor;
        var rounded = (magnitude + unit - 1) / unit;
        return text[0] == '-' ? -rounded : rounded;
    }
}

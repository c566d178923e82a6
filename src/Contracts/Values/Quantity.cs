namespace Orchestrator.Contracts.Values;

/// <summary>
/// An amount as Kubernetes writes it: <c>500m</c>, <c>128Mi</c>, <c>1.5</c>, <c>2e3</c>. Exact to a billionth
/// (finer input is rounded away from zero), within ±(2^63-1); sums beyond that stay at the limit. Two amounts are
/// equal when their values are, however they were written.
/// </summary>
public readonly struct Quantity : IComparable<Quantity>, IEquatable<Quantity>
{
    internal const long NanoPerUnit = 1_000_000_000;
    private const long NanoPerMilli = 1_000_000;
    internal static readonly Int128 MaximumNano = (Int128)long.MaxValue * NanoPerUnit;

    public static readonly Quantity Zero;

    internal Quantity(Int128 nano, QuantityFamily family)
    {
        Nano = Int128.Clamp(nano, -MaximumNano, MaximumNano);
        Family = family;
    }

    internal Int128 Nano { get; }
    internal QuantityFamily Family { get; }

    public bool IsZero => Nano == 0;
    public bool IsNegative => Nano < 0;

    public static Quantity FromInt64(long units) => new((Int128)units * NanoPerUnit, QuantityFamily.DecimalSI);

    public static Quantity FromMilli(long milli) => new((Int128)milli * NanoPerMilli, QuantityFamily.DecimalSI);

    /// <summary>An amount of bytes, written with Ki, Mi, Gi … where that is exact.</summary>
    public static Quantity FromBytes(long bytes) => new((Int128)bytes * NanoPerUnit, QuantityFamily.BinarySI);

    /// <summary>False for text that is no quantity or lies beyond ±(2^63-1).</summary>
    public static bool TryParse(string? text, out Quantity quantity) => QuantityText.TryParse(text, out quantity);

    /// <summary>The smallest whole number that is not below the amount: 1.5 gives 2.</summary>
    public long ToInt64Ceiling() => (long)Ceiling(Nano, NanoPerUnit);

    /// <summary>
    /// The smallest number of thousandths that is not below the amount: 1.5 gives 1500. At most <see cref="long.MaxValue"/>.
    /// </summary>
    public long MilliCeiling() => (long)Int128.Clamp(Ceiling(Nano, NanoPerMilli), long.MinValue, long.MaxValue);

    public int CompareTo(Quantity other) => Nano.CompareTo(other.Nano);
    public bool Equals(Quantity other) => Nano == other.Nano;
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);
    public override int GetHashCode() => Nano.GetHashCode();

    /// <summary>The canonical form, in the family of suffixes that the amount was written in.</summary>
    public override string ToString() => QuantityText.Format(this);

    public static Quantity operator +(Quantity left, Quantity right) => new(left.Nano + right.Nano, FamilyOf(left, right));
    public static Quantity operator -(Quantity left, Quantity right) => new(left.Nano - right.Nano, FamilyOf(left, right));
    public static bool operator ==(Quantity left, Quantity right) => left.Nano == right.Nano;
    public static bool operator !=(Quantity left, Quantity right) => left.Nano != right.Nano;
    public static bool operator <(Quantity left, Quantity right) => left.Nano < right.Nano;
    public static bool operator >(Quantity left, Quantity right) => left.Nano > right.Nano;
    public static bool operator <=(Quantity left, Quantity right) => left.Nano <= right.Nano;
    public static bool operator >=(Quantity left, Quantity right) => left.Nano >= right.Nano;

    private static QuantityFamily FamilyOf(Quantity left, Quantity right) => left.IsZero ? right.Family : left.Family;

    private static Int128 Ceiling(Int128 value, long unit)
    {
        var (quotient, remainder) = Int128.DivRem(value, unit);
        return remainder > 0 ? quotient + 1 : quotient;
    }
}

/// <summary>The suffixes that an amount was written with: n u m k M …, Ki Mi Gi …, or e3.</summary>
internal enum QuantityFamily
{
    DecimalSI,
    BinarySI,
    DecimalExponent,
}

using System.Globalization;

namespace Orchestrator.Contracts.Ids;

/// <summary>
/// A position in the revision log, from 1; 0 is the empty log. Clients see it as an opaque <c>resourceVersion</c>.
/// </summary>
public readonly record struct Revision(long Value) : IComparable<Revision>
{
    public static readonly Revision None;

    public Revision Next => new(Value + 1);

    public int CompareTo(Revision other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>False for anything that no server of ours has given out.</summary>
    public static bool TryParse(string text, out Revision revision)
    {
        var parsed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        revision = new Revision(value);
        return parsed;
    }

    public static bool operator <(Revision left, Revision right) => left.Value < right.Value;
    public static bool operator >(Revision left, Revision right) => left.Value > right.Value;
    public static bool operator <=(Revision left, Revision right) => left.Value <= right.Value;
    public static bool operator >=(Revision left, Revision right) => left.Value >= right.Value;
}

using Orchestrator.Contracts.Values;

namespace Orchestrator.Scheduler;

/// <summary>Reads the quantities of objects that were validated when they were stored. A negative amount counts as none.</summary>
internal static class Quantities
{
    /// <summary>Thousandths, rounded up: <c>500m</c> and <c>0.5</c> are 500.</summary>
    /// <exception cref="FormatException">The text is no quantity: the object was never validated.</exception>
    public static long Milli(string resource, string text) => Math.Max(0, Parse(resource, text).MilliCeiling());

    /// <summary>Whole units, rounded up: <c>64Mi</c> is 67108864.</summary>
    /// <exception cref="FormatException">The text is no quantity: the object was never validated.</exception>
    public static long Whole(string resource, string text) => Math.Max(0, Parse(resource, text).ToInt64Ceiling());

    private static Quantity Parse(string resource, string text) =>
        Quantity.TryParse(text, out var quantity) ? quantity : throw new FormatException($"{resource}: '{text}' is not a quantity.");
}

using System.Globalization;

namespace Orchestrator.Cli.Rendering;

/// <summary>Numbers as a person reads them, three digits or so.</summary>
internal static class Amounts
{
    private static readonly string[] ByteUnits = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] TimeUnits = ["ns", "µs", "ms", "s"];

    public static string Bytes(double bytes) => Scaled(bytes, 1024, ByteUnits);

    public static string Time(long nanoseconds) => Scaled(nanoseconds, 1000, TimeUnits);

    /// <summary>Of a CPU, as kubectl has it: 250m is a quarter.</summary>
    public static string Cores(double cores) => $"{Math.Round(cores * 1000).ToString(CultureInfo.InvariantCulture)}m";

    private static string Scaled(double value, double step, string[] units)
    {
        var unit = 0;
        while (value >= step && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        return value.ToString(unit > 0 && value < 10 ? "0.#" : "0", CultureInfo.InvariantCulture) + units[unit];
    }
}

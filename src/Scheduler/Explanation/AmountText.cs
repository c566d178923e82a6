using System.Globalization;

namespace Orchestrator.Scheduler;

/// <summary>Amounts as people write them in manifests: 1500m, 64Gi.</summary>
internal static class AmountText
{
    private const int ShortText = 6;
    private static readonly string[] Units = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>Exact if that is short, otherwise rounded down to a tenth of the largest fitting unit.</summary>
    public static string Of(string resource, long amount)
    {
        var exact = Exact(resource, amount);
        return exact.Length <= ShortText || !IsBytes(resource) ? exact : Rounded(amount);
    }

    /// <summary>Two different amounts, exact if they would otherwise read the same.</summary>
    public static (string Left, string Right) Apart(string resource, long left, long right)
    {
        var (first, second) = (Of(resource, left), Of(resource, right));
        return first == second ? (Exact(resource, left), Exact(resource, right)) : (first, second);
    }

    /// <summary>As a manifest may say it, without loss.</summary>
    public static string Exact(string resource, long amount)
    {
        if (resource == ResourceNames.Cpu) return amount % 1000 == 0 ? Text(amount / 1000) : Text(amount) + "m";
        if (!IsBytes(resource)) return Text(amount);
        var unit = 0;
        for (; amount != 0 && amount % 1024 == 0 && unit < Units.Length - 1; unit++) amount /= 1024;
        return Text(amount) + Units[unit];
    }

    private static string Rounded(long bytes)
    {
        var unit = 0;
        var size = (decimal)bytes;
        for (; Math.Abs(size) >= 1024 && unit < Units.Length - 1; unit++) size /= 1024;
        return (Math.Floor(size * 10) / 10).ToString("0.#", CultureInfo.InvariantCulture) + Units[unit];
    }

    private static bool IsBytes(string resource) =>
        resource is ResourceNames.Memory or ResourceNames.EphemeralStorage || resource.StartsWith("hugepages-", StringComparison.Ordinal);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Contracts.Kinds;

/// <summary>
/// Which version of a group is preferred, as Kubernetes orders them: v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, then the others
/// by name.
/// </summary>
public sealed partial class VersionPriority : IComparer<string>
{
    public static readonly VersionPriority Best = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x!), Rank(y!));
        return left != right ? right.CompareTo(left) : string.CompareOrdinal(x, y);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        if (Pattern().Match(version) is not { Success: true } match) return default;
        var stability = match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 };
        return (stability, Number(match.Groups[1].Value), Number(match.Groups[3].Value));
    }

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"\Av([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?\z")]
    private static partial Regex Pattern();
}

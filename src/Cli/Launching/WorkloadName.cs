using System.Text;

namespace Orchestrator.Cli.Launching;

/// <summary>A name for a workload that was given none: the image's own, and a few letters that make it new.</summary>
internal static class WorkloadName
{
    // No vowels, nothing that looks like something else: Kubernetes' alphabet for generated names.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int SuffixLength = 5;
    private const int MaximumLength = 63;

    public static string From(string image, Random random)
    {
        var path = image.Split('@')[0];
        var last = path[(path.LastIndexOf('/') + 1)..].Split(':')[0];
        var name = new StringBuilder();
        foreach (var c in last.ToLowerInvariant()) name.Append(char.IsAsciiLetterOrDigit(c) ? c : '-');
        var stem = name.ToString().Trim('-');
        if (stem.Length == 0) stem = "run";
        // A machine's name is a DNS label and may not begin with a digit in every place it goes to.
        if (char.IsAsciiDigit(stem[0])) stem = $"x{stem}";
        if (stem.Length > MaximumLength - SuffixLength - 1) stem = stem[..(MaximumLength - SuffixLength - 1)].TrimEnd('-');
        return $"{stem}-{new string(random.GetItems<char>(Alphabet, SuffixLength))}";
    }
}

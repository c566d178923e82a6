using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Says why an apiVersion and kind name nothing, and what was probably meant.</summary>
internal static class UnknownKind
{
    /// <summary>The field that is to blame, and the message.</summary>
    public static (string Field, string Message) Explain(string apiVersion, string kindName, KindSet kinds)
    {
        var there = kinds.All.Where(kind => kind.ApiVersion == apiVersion).Select(kind => kind.Name).ToArray();
        var elsewhere = kinds.All.Where(kind => kind.Name == kindName).Select(kind => kind.ApiVersion).ToArray();
        if (there.Length == 0 && elsewhere.Length == 0)
        {
            var versions = kinds.All.Select(kind => kind.ApiVersion).Distinct().ToArray();
            var known = string.Join(", ", versions);
            return ("apiVersion", $"unknown apiVersion '{Quoted.Bare(apiVersion)}'; known are {known}{Meant(apiVersion, versions)}");
        }
        if (elsewhere.Length > 0)
        {
            return ("apiVersion", $"no kind '{kindName}' in {Quoted.Bare(apiVersion)}; {kindName} is in {string.Join(", ", elsewhere)}");
        }
        var meant = Meant(kindName, there);
        if (meant.Length == 0 && kinds.All.FirstOrDefault(kind => Similar.Find(kindName, [kind.Name]) is not null) is { } nearby)
        {
            meant = $"; did you mean '{nearby.Name}' of {nearby.ApiVersion}?";
        }
        // Of many kinds, the one that was meant helps more than all of them.
        if (meant.Length == 0) meant = $"; known there are {string.Join(", ", there)}";
        return ("kind", $"no kind '{Quoted.Bare(kindName)}' in {apiVersion}{meant}");
    }

    private static string Meant(string name, string[] known) => Similar.Find(name, known) is { } meant ? $"; did you mean '{meant}'?" : "";
}

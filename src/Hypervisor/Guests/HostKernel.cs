namespace Orchestrator.Hypervisor.Guests;

/// <summary>A kernel of this host's distribution that guests of QEMU boot: its image and where its modules are.</summary>
internal sealed record HostKernel(string Version, string Image, string ModulesFolder)
{
    private const string ImagePrefix = "/boot/vmlinuz-";

    /// <summary>The newest with its modules, a cloud kernel first: it is smaller and boots faster. Null if there is none.</summary>
    public static HostKernel? Newest() => !Directory.Exists("/boot")
        ? null
        : Directory.EnumerateFiles("/boot", "vmlinuz-*")
            .Select(image => new HostKernel(image[ImagePrefix.Length..], image, $"/lib/modules/{image[ImagePrefix.Length..]}"))
            .Where(kernel => File.Exists(Path.Combine(kernel.ModulesFolder, "modules.dep")))
            .OrderByDescending(kernel => kernel.Version.Contains("cloud", StringComparison.Ordinal))
            .ThenByDescending(kernel => VersionKey(kernel.Version), Comparer<int[]>.Create(CompareVersions))
            .FirstOrDefault();

    /// <summary>
    /// The module files in the order in which to load them, without those that are built in. Null if one of
    /// <paramref name="needed"/> is missing; one of <paramref name="wanted"/> may be.
    /// </summary>
    public IReadOnlyList<string>? FindModules(IEnumerable<string> needed, IEnumerable<string> wanted, out string problem)
    {
        var builtIn = ModuleNames("modules.builtin").ToHashSet();
        var dependencies = File.ReadLines(Path.Combine(ModulesFolder, "modules.dep"))
            .Select(line => line.Split(':', 2))
            .ToDictionary(parts => NameOf(parts[0]), parts => (File: parts[0], Needs: parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        List<string> files = [];
        foreach (var (name, isNeeded) in needed.Select(name => (name, true)).Concat(wanted.Select(name => (name, false))))
        {
            if (builtIn.Contains(NameOf(name)))
            {
                continue;
            }

            if (!dependencies.TryGetValue(NameOf(name), out var module))
            {
                if (isNeeded)
                {
                    problem = $"kernel {Version} lacks the module {name}";
                    return null;
                }

                continue;
            }

            // What a module needs stands rightmost-first.
            files.AddRange(module.Needs.Reverse().Append(module.File).Where(file => !files.Contains(file)));
        }

        problem = files.Find(file => !file.EndsWith(".ko", StringComparison.Ordinal)) is { } packed
            ? $"kernel {Version} has compressed modules ({packed}), which the guests' init can't load"
            : "";
        return problem.Length > 0 ? null : [.. files.Select(file => Path.Combine(ModulesFolder, file))];
    }

    private static int[] VersionKey(string version) =>
        [.. version.Split('.', '-').TakeWhile(part => int.TryParse(part, out _)).Select(int.Parse)];

    private static int CompareVersions(int[]? left, int[]? right) => left.AsSpan().SequenceCompareTo(right);

    private static string NameOf(string path) => Path.GetFileName(path).Split(".ko")[0].Replace('-', '_');

    private IEnumerable<string> ModuleNames(string list)
    {
        var path = Path.Combine(ModulesFolder, list);
        return File.Exists(path) ? File.ReadLines(path).Select(NameOf) : [];
    }
}

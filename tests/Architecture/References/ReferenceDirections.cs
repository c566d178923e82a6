using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Orchestrator.Architecture.References;

/// <summary>Which project may know which, by project reference and by namespace (DESIGN: the layout, and who may reference whom).</summary>
internal static partial class ReferenceDirections
{
    private const string Dom0Contract = "../Contracts/Protos/dom0/v1/dom0.proto";

    private sealed record Allowed(string[] Projects, string[] Namespaces);

    /// <summary>A namespace stands for all below it too.</summary>
    private static readonly Dictionary<string, Allowed> Table = new(StringComparer.Ordinal)
    {
        ["Contracts"] = new([], ["Contracts", "Objects", "Api", "Agents", "Dom0"]),
        ["Scheduler"] = new(["Contracts"], ["Scheduler", "Objects", "Contracts.Ids", "Contracts.Kinds", "Contracts.Values"]),
        ["Silo"] = new(["Contracts", "Scheduler"], ["Silo", "Scheduler", "Contracts", "Objects", "Api", "Agents"]),
        ["NodeAgent"] = new(["Contracts"], ["NodeAgent", "Contracts", "Objects", "Agents", "Dom0"]),
        ["Client"] = new(["Contracts"], ["Client", "Contracts", "Objects", "Api"]),
        ["Cli"] = new(["Client", "Contracts"], ["Cli", "Client", "Contracts", "Objects", "Api"]),
        ["Hypervisor"] = new([], ["Hypervisor", "Dom0"]),
    };

    public static IEnumerable<string> OfProject(string project, XDocument csproj)
    {
        if (!Table.TryGetValue(project, out var allowed))
            return [$"src/{project}: a new project; say in {nameof(ReferenceDirections)} which others it may reference."];
        var references = csproj.Descendants("ProjectReference").Select(Include);
        return references
            .Where(path => !allowed.Projects.Contains(Path.GetFileNameWithoutExtension(path)) || !path.StartsWith("../", StringComparison.Ordinal))
            .Select(path => $"src/{project} references {path}; it may reference {List(allowed.Projects)}.")
            .Concat(csproj.Descendants("Reference").Select(one => $"src/{project} references the assembly {Include(one)}; use a project or a package."))
            .Concat(csproj.Descendants("Protobuf").Select(Include)
                .Where(path => path.StartsWith("..", StringComparison.Ordinal) && !(project == "Hypervisor" && path == Dom0Contract))
                .Select(path => $"src/{project} compiles {path}: only Hypervisor takes a contract of another project, {Dom0Contract}."));
    }

    public static IEnumerable<string> OfSource(string project, string path, string source)
    {
        if (!Table.TryGetValue(project, out var allowed)) yield break;
        var text = CSharpText.WithoutCommentsAndLiterals(source);
        foreach (Match match in NamespacePattern().Matches(text))
        {
            var name = match.Groups["name"].Value;
            if (allowed.Namespaces.Any(one => name == one || name.StartsWith(one + ".", StringComparison.Ordinal))) continue;
            yield return $"{path}:{CSharpText.LineOf(text, match.Index)} knows Orchestrator.{name}; {project} may know {List(allowed.Namespaces)}.";
        }
    }

    private static string Include(XElement item) => (item.Attribute("Include")?.Value ?? "").Replace('\\', '/');

    private static string List(string[] names) => names.Length == 0 ? "nothing of ours" : string.Join(", ", names);

    // A name from the root namespace, or the generated namespaces of a contract as one may write them inside ours.
    [GeneratedRegex(@"(?<![\w.])(?:(?:global::)?Orchestrator\.(?<name>[A-Z]\w*(?:\.\w+)*)|(?<name>(?:Api|Agents|Dom0|Objects)\.\w*V1\b))")]
    private static partial Regex NamespacePattern();
}

using System.CommandLine;

namespace Orchestrator.Cli.Arguments;

/// <summary>Options that several commands share; each call makes a new one for its command.</summary>
internal static class CommonOptions
{
    public static Option<string[]> Files() => new("--filename", "-f")
    {
        Description = "A file or folder of manifests, or - for standard input; may be repeated",
        HelpName = "PATH",
        DefaultValueFactory = _ => [],
    };

    public static Option<bool> Recursive() => new("--recursive", "-R") { Description = "Take folders with all that is in them" };

    public static Option<string?> Output(string forms) => new("--output", "-o") { Description = $"Output format: {forms}", HelpName = "FORMAT" };

    public static Option<string> Selector() => new("--selector", "-l")
    {
        Description = "Label selector: a=b, a!=b, 'a in (b,c)', a, !a",
        HelpName = "SELECTOR",
        DefaultValueFactory = _ => "",
    };

    public static Option<string> FieldSelector() => new("--field-selector")
    {
        Description = "Field selector: metadata.name=x, status.phase!=Running, …",
        HelpName = "SELECTOR",
        DefaultValueFactory = _ => "",
    };

    public static Option<bool> AllNamespaces() => new("--all-namespaces", "-A") { Description = "Across all namespaces" };

    public static Option<string?> Container() => new("--container", "-c")
    {
        Description = "The container; may be left out if the pod has one",
        HelpName = "NAME",
    };

    public static Option<string> DryRun() => new("--dry-run")
    {
        Description = "none, or server: check everything and store nothing",
        HelpName = "STRATEGY",
        DefaultValueFactory = _ => "none",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<bool> On(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, DefaultValueFactory = _ => true };

    public static Argument<string[]> Resources(string usage) => new("resources")
    {
        HelpName = usage,
        DefaultValueFactory = _ => [],
        Arity = ArgumentArity.ZeroOrMore,
    };
}

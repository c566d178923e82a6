using System.CommandLine;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class ApiResourcesCommand : OrcCommand
{
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Output format: wide, name", HelpName = "FORMAT" };
    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the table's head out" };
    private readonly Option<string?> _group = new("--api-group") { Description = "Only kinds of this group", HelpName = "GROUP" };
    private readonly Option<bool?> _namespaced = new("--namespaced") { Description = "Only kinds that live in namespaces, or with =false the others" };

    public ApiResourcesCommand(string name, string summary) : base(name, summary)
    {
        Usage = "[options]";
        Examples = """
            # All kinds, with their short names
            orc api-resources

            # Those that belong to no namespace
            orc api-resources --namespaced=false
            """;
        Option[] options = [_output, _noHeaders, _group, _namespaced];
        foreach (var option in options) Add(option);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var output = invocation.Get(_output) ?? "";
        if (output is not ("" or "wide" or "name")) throw new CommandException($"--output {output} is not available");
        var kinds = (await invocation.KindsAsync()).All
            .Where(kind => invocation.Get(_group) is not { } group || kind.Resource.Group == group)
            .Where(kind => invocation.Get(_namespaced) is not { } namespaced || kind.Namespaced == namespaced)
            .OrderBy(kind => kind.Resource.Group, StringComparer.Ordinal).ThenBy(kind => kind.Resource.Resource, StringComparer.Ordinal).ToList();
        if (output == "name")
        {
            foreach (var kind in kinds) await invocation.Out.WriteLineAsync(kind.Resource.DisplayPlural());
            return ExitCodes.Success;
        }
        var rows = new List<IReadOnlyList<string>>();
        var wide = output == "wide";
        if (!invocation.Get(_noHeaders))
            rows.Add(["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", .. wide ? (string[])["CATEGORIES"] : []]);
        foreach (var kind in kinds)
        {
            rows.Add(
            [
                kind.Resource.Resource, string.Join(',', kind.ShortNames), kind.ApiVersion(), kind.Namespaced ? "true" : "false", kind.Kind,
                .. wide ? (string[])[string.Join(',', kind.Categories)] : [],
            ]);
        }
        new TablePrinter(invocation.Out).Print(rows);
        return ExitCodes.Success;
    }
}

using System.CommandLine;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class GetCommand : OrcCommand
{
    private readonly Argument<string[]> _resources = CommonOptions.Resources("TYPE[,TYPE…] [NAME…] | TYPE/NAME…");
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<string?> _output = CommonOptions.Output(OutputFormat.Forms);
    private readonly Option<string> _selector = CommonOptions.Selector();
    private readonly Option<string> _fieldSelector = CommonOptions.FieldSelector();
    private readonly Option<bool> _allNamespaces = CommonOptions.AllNamespaces();
    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Show what is there, then each change" };
    private readonly Option<bool> _watchOnly = new("--watch-only") { Description = "Show only changes" };
    private readonly Option<bool> _noHeaders = new("--no-headers") { Description = "Leave the table's head out" };
    private readonly Option<bool> _showLabels = new("--show-labels") { Description = "Add a column with all labels" };
    private readonly Option<bool> _ignoreNotFound = new("--ignore-not-found") { Description = "An absent object is no error" };
    private readonly Option<string[]> _labelColumns = new("--label-columns", "-L")
    {
        Description = "Labels to show as columns, with commas between",
        HelpName = "KEYS",
        DefaultValueFactory = _ => [],
    };

    public GetCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(TYPE[,TYPE…] [NAME…] | TYPE/NAME… | -f PATH) [options]";
        Details = "Types go by plural, singular or short name (pods, pod, po); \"orc api-resources\" lists them, and \"all\" means\n"
            + "every workload.";
        Examples = """
            # All pods of the namespace, as a table; with hosts and addresses
            orc get pods
            orc get pods -o wide

            # Pods and virtual machines together, everywhere
            orc get po,vm -A

            # One object, whole
            orc get vm db -o yaml

            # Only a field of it
            orc get pod web -o jsonpath='{.status.podIP}'

            # What runs with these labels, and every change from now on
            orc get pods -l app=web,tier!=test -w
            """;
        Add(_resources);
        Option[] options =
        [
            _files, _recursive, _output, _selector, _fieldSelector, _allNamespaces, _watch, _watchOnly, _noHeaders, _showLabels,
            _ignoreNotFound, _labelColumns,
        ];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var format = OutputFormat.Parse(invocation.Get(_output));
        var selection = await TargetArguments.ReadAsync(
            invocation, invocation.Get(_resources)!, invocation.Get(_files)!, invocation.Get(_recursive));
        var everywhere = invocation.Get(_allNamespaces);
        var (labels, fields) = (invocation.Get(_selector)!, invocation.Get(_fieldSelector)!);
        if (selection.Named && everywhere) throw new CommandException("a resource cannot be retrieved by name across all namespaces");
        if (selection.Named && labels.Length + fields.Length > 0) throw new CommandException("name cannot be provided when a selector is specified");
        var reader = new ObjectReader(invocation, format.Form)
        {
            Namespace = everywhere ? "" : invocation.Namespace,
            LabelSelector = labels,
            FieldSelector = fields,
            IgnoreNotFound = invocation.Get(_ignoreNotFound),
        };
        var printer = PrinterFor(invocation, format, everywhere, selection);
        if (invocation.Get(_watch) || invocation.Get(_watchOnly))
            return await new ObjectWatcher(invocation, reader, printer, !invocation.Get(_watchOnly)).RunAsync(selection, format.Form);
        var (found, absent) = await ReadAllAsync(reader, selection);
        var nothing = found.All(batch => batch.Items.Count == 0);
        // As kubectl: a single absent object prints no document, an empty list does.
        if (!nothing || (!format.IsTable && selection.Targets is not [{ Name: not null }])) await printer.PrintAsync(found);
        foreach (var error in absent) invocation.Report(error);
        if (nothing && format.IsTable && !selection.Named)
        {
            await invocation.Error.WriteLineAsync(everywhere || selection.Targets.All(target => !target.Kind.Namespaced)
                ? "No resources found"
                : $"No resources found in {invocation.Namespace} namespace.");
        }
        return invocation.ExitCode;
    }

    private static async Task<(List<ObjectBatch> Found, List<RpcException> Absent)> ReadAllAsync(ObjectReader reader, ResourceSelection selection)
    {
        var found = new List<ObjectBatch>();
        var absent = new List<RpcException>();
        foreach (var target in selection.Targets)
        {
            try
            {
                if (await reader.ReadAsync(target) is { } batch) found.Add(batch);
            }
            catch (RpcException exception) when (target.Name is not null && exception.StatusCode == StatusCode.NotFound)
            {
                absent.Add(exception);
            }
        }
        return (found, absent);
    }

    private ObjectPrinter PrinterFor(Invocation invocation, OutputFormat format, bool everywhere, ResourceSelection selection)
    {
        var single = selection.Targets is [{ Name: not null }];
        if (!format.IsTable) return new DocumentPrinter(invocation.Out, format, single);
        return new ObjectTablePrinter(invocation.Out, new TableStyle
        {
            Wide = format.Kind == OutputKind.Wide,
            Headers = !invocation.Get(_noHeaders),
            NamespaceColumn = everywhere,
            KindPrefix = selection.SeveralKinds,
            AllLabels = invocation.Get(_showLabels),
            LabelColumns = invocation.Get(_labelColumns)!.SelectMany(keys => keys.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToList(),
        }, new ObjectLabels(invocation));
    }
}

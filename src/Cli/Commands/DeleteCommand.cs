using System.CommandLine;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands;

internal sealed class DeleteCommand : OrcCommand
{
    private readonly Argument<string[]> _resources = CommonOptions.Resources("TYPE NAME… | TYPE/NAME…");
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<string> _selector = CommonOptions.Selector();
    private readonly Option<string> _fieldSelector = CommonOptions.FieldSelector();
    private readonly Option<bool> _allNamespaces = CommonOptions.AllNamespaces();
    private readonly Option<bool> _all = new("--all") { Description = "All objects of the type in the namespace" };
    private readonly Option<bool> _now = new("--now") { Description = "The same as --grace-period=1" };
    private readonly Option<bool> _force = new("--force") { Description = "Don't wait for the host; needs --grace-period=0 or gives it" };
    private readonly Option<bool> _wait = CommonOptions.On("--wait", "Wait until the objects are gone (default true)");
    private readonly Option<bool> _ignoreNotFound = new("--ignore-not-found") { Description = "An absent object is a success" };
    private readonly Option<string> _dryRun = CommonOptions.DryRun();
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Output format: name", HelpName = "FORMAT" };
    private readonly Option<string> _timeout = new("--timeout")
    {
        Description = "How long to wait for each object; 0: as long as it takes",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "0",
    };

    private readonly Option<long> _gracePeriod = new("--grace-period")
    {
        Description = "Seconds to end gracefully; -1: what the object says; 1: at once; 0: only with --force",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => -1,
    };

    public DeleteCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(TYPE (NAME… | -l SELECTOR | --all) | TYPE/NAME… | -f PATH) [options]";
        Examples = """
            # By name; what a file names; by label
            orc delete pod web
            orc delete -f web.yaml
            orc delete pods,vms -l app=web

            # Without waiting until it is gone
            orc delete vm db --wait=false

            # At once, although its host does not answer
            orc delete pod web --grace-period=0 --force
            """;
        Add(_resources);
        Option[] options =
        [
            _files, _recursive, _selector, _fieldSelector, _allNamespaces, _all, _now, _force, _wait, _ignoreNotFound, _dryRun, _output,
            _timeout, _gracePeriod,
        ];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var selection = await TargetArguments.ReadAsync(
            invocation, invocation.Get(_resources)!, invocation.Get(_files)!, invocation.Get(_recursive));
        var deletion = Deletion(invocation);
        var timeout = Duration.Parse(invocation.Get(_timeout)!, "--timeout");
        var targets = selection.Named ? Named(invocation, selection) : await ListedAsync(invocation, selection);
        if (targets.Count == 0) await invocation.Out.WriteLineAsync("No resources found");
        var going = new List<(ResourceTarget Target, string Uid)>();
        // What defines a kind would take the objects of that kind along, and then they can't be deleted by name any more.
        foreach (var target in targets.OrderBy(target => target.Kind.Kind == "CustomResourceDefinition"))
        {
            try
            {
                if (await deletion.DeleteAsync(target) is { } uid) going.Add((target, uid));
            }
            catch (RpcException exception) when (!ClusterErrors.IsUnreachable(exception) && !invocation.Cancellation.IsCancellationRequested)
            {
                if (!ClusterErrors.IsNotFound(exception) || !IgnoreAbsent(invocation)) invocation.Report(exception);
            }
        }
        if (!invocation.Get(_wait) || deletion.DryRun) return invocation.ExitCode;
        foreach (var (target, uid) in going) await Disappearance.AwaitAsync(invocation, target, uid, timeout);
        return invocation.ExitCode;
    }

    // What matched a selector may be gone by the time that its turn comes.
    private bool IgnoreAbsent(Invocation invocation) =>
        invocation.Get(_ignoreNotFound) || invocation.Get(_all) || invocation.Get(_selector)!.Length > 0;

    private ObjectDeletion Deletion(Invocation invocation)
    {
        var (grace, force) = (invocation.Get(_gracePeriod), invocation.Get(_force));
        if (invocation.Get(_now))
        {
            if (grace != -1) throw new CommandException("--now and --grace-period cannot be specified together");
            grace = 1;
        }
        if (force && grace < 0) grace = 0;
        if (force && grace > 0) throw new CommandException("--force and --grace-period greater than 0 cannot be specified together");
        if (invocation.Get(_output) is { Length: > 0 } output and not "name")
            throw new CommandException($"unable to match a printer suitable for the output format \"{output}\", allowed formats are: name");
        if (force)
        {
            invocation.Error.WriteLine(
                "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
                + "The resource may continue to run on the cluster indefinitely.");
        }
        // As kubectl: without --force, 0 still asks the host, only without delay.
        if (grace == 0 && !force) grace = 1;
        return new ObjectDeletion(invocation)
        {
            GracePeriodSeconds = grace < 0 ? null : grace,
            Force = force,
            DryRun = DryRun.Server(invocation.Get(_dryRun)),
            NameOnly = invocation.Get(_output) == "name",
        };
    }

    private List<ResourceTarget> Named(Invocation invocation, ResourceSelection selection)
    {
        if (invocation.Get(_all) || invocation.Get(_selector)!.Length + invocation.Get(_fieldSelector)!.Length > 0)
            throw new CommandException("name cannot be provided when a selector is specified");
        if (invocation.Get(_allNamespaces)) throw new CommandException("a resource cannot be retrieved by name across all namespaces");
        return selection.Targets
            .Select(target => target.Namespace.Length > 0 ? target : target with { Namespace = invocation.Namespace }).ToList();
    }

    private async Task<List<ResourceTarget>> ListedAsync(Invocation invocation, ResourceSelection selection)
    {
        var (labels, fields) = (invocation.Get(_selector)!, invocation.Get(_fieldSelector)!);
        if (labels.Length + fields.Length > 0 && invocation.Get(_all)) throw new CommandException("setting 'all' parameter but found a non empty selector.");
        if (labels.Length + fields.Length == 0 && !invocation.Get(_all))
            throw new CommandException("resource(s) were provided, but no name was specified");
        var targets = new List<ResourceTarget>();
        foreach (var kind in selection.Targets.Select(target => target.Kind))
        {
            var query = new ListQuery(kind, invocation.Get(_allNamespaces) ? "" : invocation.Namespace)
            {
                LabelSelector = labels,
                FieldSelector = fields,
            };
            var list = await invocation.Server.ListAsync(query, Form.Table, invocation.Cancellation);
            targets.AddRange(list.Items.Select(item => new ResourceTarget(kind, item.Name) { Namespace = item.Namespace }));
        }
        return targets;
    }
}

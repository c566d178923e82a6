using System.CommandLine;
using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Commands;

internal sealed class WaitCommand : OrcCommand
{
    private readonly Argument<string[]> _resources = CommonOptions.Resources("TYPE/NAME… | TYPE NAME…");
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<bool> _recursive = CommonOptions.Recursive();
    private readonly Option<string> _selector = CommonOptions.Selector();
    private readonly Option<bool> _all = new("--all") { Description = "All objects of the type in the namespace" };
    private readonly Option<string?> _for = new("--for")
    {
        Description = "condition=TYPE[=STATUS], delete, create, or jsonpath='{PATH}'[=VALUE]",
        HelpName = "STATE",
    };

    private readonly Option<string> _timeout = new("--timeout")
    {
        Description = "How long to wait, in all; 0: look once; negative: a week",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "30s",
    };

    public WaitCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(TYPE/NAME… | TYPE (NAME… | -l SELECTOR | --all) | -f PATH) --for=STATE [options]";
        Details = "It follows changes as they happen; it does not ask again and again. Exit code 1 when the time is over.";
        Examples = """
            # A pod that is ready; a machine that runs
            orc wait pod/web --for=condition=Ready --timeout=60s
            orc wait vm/db --for=jsonpath='{.status.phase}'=Running

            # Pods that are gone
            orc wait pods -l app=web --for=delete
            """;
        Add(_resources);
        Option[] options = [_files, _recursive, _selector, _all, _for, _timeout];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.Resources;
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var state = AwaitedState.Parse(invocation.Get(_for));
        var timeout = Duration.Parse(invocation.Get(_timeout)!, "--timeout");
        if (timeout < TimeSpan.Zero) timeout = TimeSpan.FromDays(7);
        var selection = await TargetArguments.ReadAsync(
            invocation, invocation.Get(_resources)!, invocation.Get(_files)!, invocation.Get(_recursive));
        var targets = await TargetsAsync(invocation, selection);
        if (targets.Count == 0 && !state.Deleted) throw new CommandException("no matching resources found");
        var start = invocation.Environment.Time.GetTimestamp();
        foreach (var target in targets)
        {
            var left = timeout - invocation.Environment.Time.GetElapsedTime(start);
            using var limit = new TimeLimit(invocation, left);
            await AwaitAsync(invocation, target, state, limit, lookOnce: left <= TimeSpan.Zero);
        }
        return invocation.ExitCode;
    }

    private async Task<List<ResourceTarget>> TargetsAsync(Invocation invocation, ResourceSelection selection)
    {
        if (selection.Named)
            return selection.Targets.Select(t => t.Namespace.Length > 0 ? t : t with { Namespace = invocation.Namespace }).ToList();
        var labels = invocation.Get(_selector)!;
        if (labels.Length == 0 && !invocation.Get(_all)) throw new CommandException("resource(s) were provided, but no name was specified");
        var targets = new List<ResourceTarget>();
        foreach (var kind in selection.Targets.Select(target => target.Kind))
        {
            var query = new ListQuery(kind, invocation.Namespace) { LabelSelector = labels };
            var list = await invocation.Server.ListAsync(query, Form.Table, invocation.Cancellation);
            targets.AddRange(list.Items.Select(item => new ResourceTarget(kind, item.Name) { Namespace = item.Namespace }));
        }
        return targets;
    }

    private static async Task AwaitAsync(Invocation invocation, ResourceTarget target, AwaitedState state, TimeLimit limit, bool lookOnce)
    {
        try
        {
            if (!await WatchUntilAsync(invocation, target, state, lookOnce, limit.Token)) throw TimeLimit.Exceeded(target);
        }
        catch (Exception exception) when (limit.IsOver && exception is OperationCanceledException or RpcException)
        {
            throw TimeLimit.Exceeded(target);
        }
        await invocation.Out.WriteLineAsync($"{target.Kind.Display()}/{target.Name} condition met");
        await invocation.Out.FlushAsync(invocation.Cancellation);
    }

    /// <summary>False if <paramref name="lookOnce"/> showed all there is before the state was reached.</summary>
    private static async Task<bool> WatchUntilAsync(
        Invocation invocation, ResourceTarget target, AwaitedState state, bool lookOnce, CancellationToken cancellation)
    {
        if (state.NeedsPresence)
            await invocation.Server.GetAsync(target.Kind, target.Namespace, target.Name!, Form.Table, cancellation);
        var request = new WatchRequest
        {
            Resource = target.Kind.Resource,
            Namespace = target.Kind.Namespaced ? target.Namespace : "",
            Name = target.Name,
            Form = Form.Json,
        };
        var present = false;
        await foreach (var change in invocation.Server.FollowAsync(request, cancellation))
        {
            var bookmark = change.Type == WatchEvent.Types.Type.Bookmark;
            if (!bookmark) present = change.Type != WatchEvent.Types.Type.Deleted;
            if (!present && state.Deleted) return true;
            if (present && !bookmark && state.Holds(JsonNode.Parse(change.Object.Json.Span))) return true;
            if (bookmark && lookOnce) return false;
        }

        return false;
    }
}

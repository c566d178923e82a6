using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Commands;

internal sealed class AttachCommand : OrcCommand
{
    private readonly Argument<string> _pod = new("pod") { HelpName = "POD | TYPE/NAME" };
    private readonly Option<string?> _container = CommonOptions.Container();
    private readonly Option<bool> _stdin = new("--stdin", "-i") { Description = "Pass standard input to the container's process" };
    private readonly Option<bool> _tty = new("--tty", "-t") { Description = "Use the container's terminal" };

    public AttachCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(POD | TYPE/NAME) [-c CONTAINER] [options]";
        Details = "What it says from now on; what it said before is in orc logs. -i and -t need a container that was made with stdin and tty,\n"
            + "as orc run -it makes it.";
        Examples = """
            # What the pod's only container says from now on
            orc attach web

            # Take up a session that was started with: orc run IMAGE --name shell -it
            orc attach shell -it
            """;
        Add(_pod);
        Option[] options = [_container, _stdin, _tty];
        foreach (var option in options) Add(option);
        Completes = PositionalCompletion.NamesOf("pods");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var pod = await WorkloadArgument.NameAsync(
            invocation, invocation.Get(_pod)!, "pods", "only pods are attached to; a machine has a console: orc console NAME");
        var start = new ExecStart
        {
            Namespace = invocation.Namespace,
            Pod = pod,
            Container = invocation.Get(_container) ?? "",
            Stdin = invocation.Get(_stdin),
            Tty = invocation.Get(_tty),
        };
        if (start.Stdin || start.Tty) await CheckContainerAsync(invocation, start);
        await ContainerSession.CheckTerminalAsync(invocation, start);
        await new ContainerSession(invocation).AttachAsync(start);
        return ExitCodes.Success;
    }

    /// <summary>What the container doesn't have isn't used, and the user hears of it. An unknown container is the server's to refuse.</summary>
    private static async Task CheckContainerAsync(Invocation invocation, ExecStart start)
    {
        var kind = (await invocation.KindsAsync()).Resolve("pods");
        var pod = JsonNode.Parse((await invocation.Server.GetAsync(kind, start.Namespace, start.Pod, Form.Json, invocation.Cancellation)).Json.Span);
        var container = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers"))
            .FirstOrDefault(container => start.Container.Length == 0 || container.Text("name") == start.Container);
        if (container is null) return;
        var name = container.Text("name");
        if (start.Stdin && container.Text("stdin") != "true")
        {
            start.Stdin = start.Tty = false;
            await invocation.Error.WriteLineAsync($"Unable to use standard input - container {name} doesn't read it (stdin: false)");
        }
        else if (start.Tty && container.Text("tty") != "true")
        {
            start.Tty = false;
            await invocation.Error.WriteLineAsync($"Unable to use a TTY - container {name} did not allocate one");
        }
    }
}

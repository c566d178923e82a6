using System.CommandLine;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Forwarding;

namespace Orchestrator.Cli.Commands;

internal sealed class PortForwardCommand : OrcCommand
{
    private readonly Argument<string> _workload = new("workload") { HelpName = "POD | TYPE/NAME" };
    private readonly Argument<string[]> _ports = new("ports") { HelpName = "[LOCAL:]REMOTE…", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _address = new("--address")
    {
        Description = "Addresses to listen on, with commas between; localhost is 127.0.0.1 and ::1",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => ["localhost"],
    };

    private readonly Option<string> _patience = new("--pod-running-timeout")
    {
        Description = "How long to wait for a pod that runs",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "1m",
    };

    public PortForwardCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(POD | TYPE/NAME) [LOCAL:]REMOTE… [options]";
        Details = "Connections to a local port reach the pod as if they were made inside it, or the machine at its address. Of a service,\n"
            + "a deployment, or whatever else selects pods, one that is ready answers, until it ends. Only TCP.";
        Examples = """
            # localhost:8080 is port 80 of the pod; so is any free port, which is printed
            orc port-forward web 8080:80
            orc port-forward web :80

            # A service's port by its name; two ports of a deployment's pod
            orc port-forward svc/web 8080:http
            orc port-forward deploy/web 8080:80 9090

            # ssh into a virtual machine
            orc port-forward vm/db 2222:22
            """;
        Add(_workload);
        Add(_ports);
        Add(_address);
        Add(_patience);
        Completes = PositionalCompletion.NamesOf("pods");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var mappings = invocation.Get(_ports)!.Select(PortMapping.Parse).ToList();
        var hosts = invocation.Get(_address)!.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToList();
        var patience = Duration.Parse(invocation.Get(_patience)!, "--pod-running-timeout");
        if (patience <= TimeSpan.Zero) throw new CommandException("--pod-running-timeout must be greater than 0");
        var destination = await ForwardDestination.FindAsync(invocation, invocation.Get(_workload)!, patience);
        var pairs = mappings.Select(mapping => (mapping.Local, Remote: destination.PortOf(mapping.Remote)))
            .Select(port => new PortPair(port.Local ?? (ushort)port.Remote, port.Remote)).ToList();
        using var local = LocalPorts.Listen(hosts, pairs);
        await new PortForwarding(invocation, destination).RunAsync(local);
        return ExitCodes.Success;
    }
}

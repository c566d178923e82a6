using System.CommandLine;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands.Admin;
using Orchestrator.Cli.Commands.Config;

namespace Orchestrator.Cli.Commands;

/// <summary>One row of the table of contents.</summary>
internal sealed record CommandEntry(string Group, string Name, string Summary, Func<string, string, Command> Make);

/// <summary>
/// All commands, in the order of the help. Only those that the command line may mean are built with their options:
/// building everything costs more time than most commands take.
/// </summary>
internal static class CommandTable
{
    public static readonly CommandEntry[] Entries =
    [
        new("Basic", "run", "Start a container or a virtual machine from an image", (n, s) => new RunCommand(n, s)),
        new("Basic", "create", "Create objects from files or standard input", (n, s) => new CreateCommand(n, s)),
        new("Basic", "apply", "Create or update objects from files or standard input", (n, s) => new ApplyCommand(n, s)),
        new("Basic", "get", "Show one or many objects", (n, s) => new GetCommand(n, s)),
        new("Basic", "describe", "Show an object in detail, with its events", (n, s) => new DescribeCommand(n, s)),
        new("Basic", "delete", "Delete objects by name, label or file", (n, s) => new DeleteCommand(n, s)),
        new("Workload", "logs", "Print what a container has written", (n, s) => new LogsCommand(n, s)),
        new("Workload", "attach", "Join the process of a running container", (n, s) => new AttachCommand(n, s)),
        new("Workload", "exec", "Run a command in a container", (n, s) => new ExecCommand(n, s)),
        new("Workload", "cp", "Copy files and folders into and out of containers", (n, s) => new CopyCommand(n, s)),
        new("Workload", "port-forward", "Reach ports of a pod or a virtual machine from here", (n, s) => new PortForwardCommand(n, s)),
        new("Workload", "console", "Open a virtual machine's serial console", (n, s) => new ConsoleCommand(n, s)),
        new("Machine", "start", "Start a virtual machine", (n, s) => new PowerCommand(n, s)),
        new("Machine", "stop", "Shut a virtual machine down", (n, s) => new PowerCommand(n, s)),
        new("Machine", "restart", "Shut a virtual machine down and start it again", (n, s) => new PowerCommand(n, s)),
        new("Machine", "reset", "Start a virtual machine anew without asking its guest", (n, s) => new PowerCommand(n, s)),
        new("Machine", "pause", "Make a virtual machine's CPUs stand still", (n, s) => new PowerCommand(n, s)),
        new("Machine", "resume", "Let a paused virtual machine go on", (n, s) => new PowerCommand(n, s)),
        new("Machine", "snapshot", "Take or remove a snapshot of a virtual machine's disks", (n, s) => new SnapshotCommand(n, s)),
        new("Workload", "explain", "Say why a workload is where it is, or nowhere", (n, s) => new ExplainCommand(n, s)),
        new("Workload", "plan", "Show where the workloads of files would go, without creating them", (n, s) => new PlanCommand(n, s)),
        new("Workload", "top", "Show what virtual machines take now", (n, s) => new TopCommand(n, s)),
        new("Workload", "events", "Show what happened", (n, s) => new EventsCommand(n, s)),
        new("Workload", "wait", "Wait until objects are in a state", (n, s) => new WaitCommand(n, s)),
        new("Cluster", "cordon", "Keep new work off a host", (n, s) => new CordonCommand(n, s, unschedulable: true)),
        new("Cluster", "uncordon", "Let a host take new work again", (n, s) => new CordonCommand(n, s, unschedulable: false)),
        new("Cluster", "admin", "Back up and restore the whole cluster", (n, s) => new AdminCommand(n, s)),
        new("Advanced", "label", "Set or remove labels", (n, s) => new MetadataCommand(n, s, "labels", "labeled")),
        new("Advanced", "annotate", "Set or remove annotations", (n, s) => new MetadataCommand(n, s, "annotations", "annotated")),
        new("Advanced", "patch", "Change fields of an object", (n, s) => new PatchCommand(n, s)),
        new("Other", "api-resources", "Show the kinds that the server knows", (n, s) => new ApiResourcesCommand(n, s)),
        new("Other", "config", "Show or change the configuration file", (n, s) => new ConfigCommand(n, s)),
        new("Other", "completion", "Print a shell's completion script", (n, s) => new CompletionCommand(n, s)),
        new("Other", "version", "Show the versions of orc and of the server", (n, s) => new VersionCommand(n, s)),
    ];

    /// <summary>The grammar for these arguments: what they don't mention is there by name only.</summary>
    public static Command BuildRoot(IReadOnlyList<string> arguments, GlobalOptions globals)
    {
        var root = new Command("orc", "orc runs containers and virtual machines on a cluster.");
        foreach (var option in globals.All) root.Add(option);
        foreach (var entry in Entries)
            root.Add(arguments.Contains(entry.Name) ? entry.Make(entry.Name, entry.Summary) : new Command(entry.Name, entry.Summary));
        if (arguments.Contains(CompleteCommand.CommandName)) root.Add(new CompleteCommand(root, globals));
        return root;
    }
}

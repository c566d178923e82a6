using System.CommandLine;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Launching;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Commands;

internal sealed class RunCommand : OrcCommand
{
    private readonly Argument<string> _subject = new("subject") { HelpName = "IMAGE | NAME" };
    private readonly Argument<string[]> _words = new("words") { HelpName = "ARG", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _image = new("--image") { Description = "The image; the word before is then the name, as with kubectl", HelpName = "IMAGE" };
    private readonly Option<string?> _name = new("--name") { Description = "The workload's name; default: made from the image's", HelpName = "NAME" };
    private readonly Option<bool> _machine = new("--vm") { Description = "Start a virtual machine (class paravirtual) instead of a container" };
    private readonly Option<string?> _class = new("--class")
    {
        Description = "Isolation: container, or a machine's: paravirtual, emulated, hardware",
        HelpName = "CLASS",
    };

    private readonly Option<string?> _cpus = new("--cpus") { Description = "Processors: 2; a container also 500m or 0.5", HelpName = "QUANTITY" };
    private readonly Option<string?> _memory = new("--memory", "-m") { Description = "Memory: 256Mi, 2Gi", HelpName = "QUANTITY" };
    private readonly Option<string?> _machineType = new("--machine-type")
    {
        Description = "The machine's size by the name of a MachineType (orc get machinetypes), in the place of --cpus and --memory",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _env = new("--env", "-e")
    {
        Description = "An environment variable; may be repeated",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _labels = new("--labels", "-l")
    {
        Description = "Labels, with commas between",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<int?> _port = new("--port") { Description = "The port that the container listens on", HelpName = "PORT" };
    private readonly Option<string?> _restart = new("--restart")
    {
        Description = "Always, OnFailure or Never; default Always, with --rm Never",
        HelpName = "POLICY",
    };

    private readonly Option<string?> _pullPolicy = new("--image-pull-policy") { Description = "Always, IfNotPresent or Never", HelpName = "POLICY" };
    private readonly Option<bool> _command = new("--command") { Description = "The words after -- replace the image's entrypoint, not its arguments" };
    private readonly Option<bool> _remove = new("--rm") { Description = "Follow it to its end, then delete it; a container's exit code is orc's" };
    private readonly Option<bool> _stdin = new("--stdin", "-i") { Description = "Stay: pass standard input to the container's process, or open the machine's console" };
    private readonly Option<bool> _tty = new("--tty", "-t") { Description = "Give the container's process a terminal; needs -i" };
    private readonly Option<bool> _detach = new("--detach", "-d") { Description = "Don't wait until it runs" };
    private readonly Option<string> _timeout = new("--timeout")
    {
        Description = "How long to wait until it runs; 0: as long as it takes",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "0",
    };

    private readonly Option<string> _dryRun = new("--dry-run")
    {
        Description = "none, or client: print what would be sent",
        HelpName = "STRATEGY",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<string?> _output = CommonOptions.Output("json, yaml, name");

    public RunCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(IMAGE | NAME --image=IMAGE) [options] [-- ARG…]";
        Details = "With an image alone, orc names the workload and waits until it runs. With NAME --image=IMAGE it does what kubectl\n"
            + "does: it creates the pod and returns.";
        Examples = """
            # A container; the same image as a virtual machine; as one whose processor is emulated
            orc run busybox -- httpd -f -p 80
            orc run busybox --vm
            orc run busybox --class emulated

            # With a name, a size and a variable
            orc run postgres:17 --name db --cpus 2 --memory 1Gi --env POSTGRES_PASSWORD=secret

            # A machine of a size that the cluster has a name for
            orc run postgres:17 --vm --name db --machine-type large

            # Once: print what it says, delete it, exit as it did
            orc run busybox --rm -- nslookup example.org

            # A shell to try things in, gone when you leave it; the same in a machine
            orc run debian --rm -it -- bash
            orc run debian --vm --rm -it

            # The manifest, to go on from
            orc run busybox --vm --name db --dry-run=client -o yaml > db.yaml
            """;
        Add(_subject);
        Add(_words);
        Option[] options =
        [
            _image, _name, _machine, _class, _cpus, _memory, _machineType, _env, _labels, _port, _restart, _pullPolicy, _command, _remove, _stdin,
            _tty, _detach, _timeout, _dryRun, _output,
        ];
        foreach (var option in options) Add(option);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var words = invocation.Get(_words)!;
        if (words.Length > 0 && !invocation.HasDoubleDash)
            throw new CommandException($"unexpected \"{words[0]}\"; what the workload shall run comes after --");
        var workload = WorkloadFactory.Make(Order(invocation, words));
        var strategy = DryRun.Parse(invocation.Get(_dryRun));
        var format = OutputFormat.Parse(invocation.Get(_output));
        if (format.Kind is OutputKind.Wide or OutputKind.JsonPath) throw new CommandException("--output must be json, yaml or name");
        if (strategy == DryRunStrategy.Server) throw new CommandException("--dry-run=server isn't possible here; pipe it: orc run … --dry-run=client -o yaml | orc apply --dry-run=server -f -");
        if (strategy == DryRunStrategy.Client) return await PrintAsync(invocation, workload, format, " (dry run)");
        if (!format.IsTable && format.Kind != OutputKind.Name) throw new CommandException("-o json and -o yaml are for --dry-run=client");
        var attached = Attached(invocation, workload);
        var launch = new WorkloadLaunch(invocation, workload)
        {
            Wait = attached || !(invocation.Get(_detach) || invocation.Get(_image) is not null),
            NameOnly = format.Kind == OutputKind.Name,
            Timeout = Duration.Parse(invocation.Get(_timeout)!, "--timeout"),
        };
        if (!attached) return await launch.StartAsync() ? ExitCodes.Success : ExitCodes.Failure;
        return await new AttachedRun(invocation, workload)
        {
            Interactive = invocation.Get(_stdin) || invocation.Get(_tty),
            Remove = invocation.Get(_remove),
        }.RunAsync(launch);
    }

    private WorkloadOrder Order(Invocation invocation, string[] words)
    {
        var image = invocation.Get(_image);
        var subject = invocation.Get(_subject)!;
        if (image is not null && invocation.Get(_name) is not null) throw new CommandException("with --image the name is the word before, not --name");
        var runtimeClass = invocation.Get(_class);
        if (invocation.Get(_machine) && runtimeClass == WorkloadFactory.ContainerClass) throw new CommandException("--vm and --class container exclude each other");
        if (invocation.Get(_machine)) runtimeClass ??= WorkloadFactory.MachineClass;
        return new WorkloadOrder(image ?? subject, runtimeClass ?? WorkloadFactory.ContainerClass)
        {
            Name = (image is not null ? subject : invocation.Get(_name)) ?? WorkloadName.From(subject, invocation.Environment.Random),
            Namespace = invocation.Namespace,
            Cpus = invocation.Get(_cpus),
            Memory = invocation.Get(_memory),
            MachineType = invocation.Get(_machineType),
            Environment = invocation.Get(_env)!,
            Labels = [.. invocation.Get(_labels)!.SelectMany(labels => labels.Split(',', StringSplitOptions.RemoveEmptyEntries))],
            Port = invocation.Get(_port),
            RestartPolicy = invocation.Get(_restart) ?? (invocation.Get(_remove) ? "Never" : "Always"),
            RestartGiven = invocation.Has(_restart),
            PullPolicy = invocation.Get(_pullPolicy) ?? "",
            Stdin = invocation.Get(_stdin),
            Tty = invocation.Get(_tty),
            Words = words,
            WordsAreCommand = invocation.Get(_command),
        };
    }

    /// <summary>True if orc stays with the workload to its end.</summary>
    private bool Attached(Invocation invocation, Workload workload)
    {
        var interactive = invocation.Get(_stdin) || invocation.Get(_tty);
        if (workload.Pod is not null && invocation.Get(_tty) && !invocation.Get(_stdin)) throw new CommandException("-i/--stdin is required for containers with -t/--tty=true");
        if (invocation.Get(_detach) && (interactive || invocation.Get(_remove))) throw new CommandException("--detach excludes --rm and -it");
        return interactive || invocation.Get(_remove);
    }

    private static async Task<int> PrintAsync(Invocation invocation, Workload workload, OutputFormat format, string suffix)
    {
        await invocation.Out.WriteAsync(format.Kind switch
        {
            OutputKind.Json => WorkloadManifest.Json(workload),
            OutputKind.Yaml => WorkloadManifest.Yaml(workload),
            OutputKind.Name => $"{workload.DisplayName}\n",
            _ => $"{workload.DisplayName} created{suffix}\n",
        });
        return ExitCodes.Success;
    }
}

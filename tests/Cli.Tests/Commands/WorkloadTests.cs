using Orchestrator.Api.V1;
using Orchestrator.Cli.Tests.Fakes;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Cli.Tests.Commands;

public sealed class WorkloadTests : ServerTest
{
    [Fact]
    public async Task Logs_are_copied_as_they_are()
    {
        Server.Workloads.LogLines.AddRange(["one\n", "zwei ü"]);
        Assert.Equal(new Outcome(0, "one\nzwei ü", ""), await Orc.RunAsync("logs pod/web -c proxy --tail=5 --since=90s --timestamps -f -p -n team"));
        Assert.Equal(
            new LogsRequest { Namespace = "team", Pod = "web", Container = "proxy", TailLines = 5, SinceSeconds = 90, Timestamps = true, Follow = true, Previous = true },
            Server.Workloads.LogsAsked);
        Assert.Equal(
            new Outcome(1, "", "error: virtualmachine/db: only pods have logs; a machine has a console: orc console NAME\n"), await Orc.RunAsync("logs vm/db"));
    }

    [Fact]
    public async Task Exec_keeps_the_streams_apart_and_returns_the_commands_exit_code()
    {
        Server.Workloads.ExitCode = 42;
        Orc.Input = "typed";
        Assert.Equal(
            new Outcome(42, "typed", "$ sh -c exit 42\ncommand terminated with exit code 42\n"), await Orc.RunAsync("exec", "-i", "web", "--", "sh", "-c", "exit 42"));
        Assert.Equal(["sh", "-c", "exit 42"], Server.Workloads.ExecAsked!.Command);
    }

    [Fact]
    public async Task Exec_passes_options_of_the_command_on_and_needs_a_terminal_for_t()
    {
        var outcome = await Orc.RunAsync("exec -it web -c b -- ls -la --color=never");
        Assert.Equal(0, outcome.ExitCode);
        Assert.StartsWith("Unable to use a TTY - input is not a terminal or the right kind of file\n", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(
            new ExecStart { Namespace = "default", Pod = "web", Container = "b", Command = { "ls", "-la", "--color=never" }, Stdin = true },
            Server.Workloads.ExecAsked);
        Assert.StartsWith("error: exec [POD] [COMMAND] is not supported anymore", (await Orc.RunAsync("exec web ls")).Error, StringComparison.Ordinal);
        Assert.Equal("error: you must specify at least one command for the container\n", (await Orc.RunAsync("exec web")).Error);
    }

    [Fact]
    public async Task Attach_uses_what_the_container_has_and_tells_what_it_has_not()
    {
        Server.Objects.Put("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a","stdin":true},{"name":"b"}]}}""");
        Orc.Input = "typed";
        Assert.Equal(new Outcome(0, "typed", "Unable to use a TTY - container a did not allocate one\n"), await Orc.RunAsync("attach pod/web -it"));
        Assert.Equal(new ExecStart { Namespace = "default", Pod = "web", Stdin = true }, Server.Workloads.AttachAsked);
        Assert.Equal(new Outcome(0, "", "Unable to use standard input - container b doesn't read it (stdin: false)\n"), await Orc.RunAsync("attach web -c b -i"));
        Assert.Equal(new ExecStart { Namespace = "default", Pod = "web", Container = "b" }, Server.Workloads.AttachAsked);
        Assert.Equal(
            new Outcome(1, "", "error: virtualmachine/db: only pods are attached to; a machine has a console: orc console NAME\n"), await Orc.RunAsync("attach vm/db"));
        Server.Workloads.NothingToAttachTo = true;
        Assert.Equal(1, (await Orc.RunAsync("attach web")).ExitCode);
    }

    [Fact]
    public async Task A_console_is_a_pipe_where_there_is_no_terminal()
    {
        Orc.Input = "uname\npoweroff\n";
        Assert.Equal(new Outcome(0, "login: uname\npoweroff\n", ""), await Orc.RunAsync("console db --scrollback=10"));
        Assert.Equal(new ConsoleStart { Namespace = "default", VirtualMachine = "db", Follow = true, ScrollbackBytes = 10 }, Server.Workloads.ConsoleAsked);
        Assert.Equal(new Outcome(0, "login: ", ""), await Orc.RunAsync("console vm/db --no-follow"));
        Assert.False(Server.Workloads.ConsoleAsked!.Follow);
    }

    [Fact]
    public async Task A_placement_is_explained_rule_by_rule()
    {
        Server.Workloads.Explanation = new ExplainResponse
        {
            Summary = "0/3 hosts are available.",
            Hosts = 3,
            Rules = { new RuleVerdict { Rule = "Taints", Removed = 1, Reason = "untolerated taint" }, new RuleVerdict { Rule = "Resources", Removed = 2, Reason = "too little memory" } },
            Nearest = { new NearMiss { Host = "host-1", Lacks = { "1Gi memory", "2 cpu" }, Remedies = { "request at most 1Gi", "request at most 1 cpu" } } },
        };
        Assert.Equal("""
            pod/web: 0/3 hosts are available.
            Hosts: 0 of 3 can take it

            RULE        REMOVED   REASON
            Resources   2         too little memory
            Taints      1         untolerated taint

            NEAREST   LACKS               WOULD FIT WITH
            host-1    1Gi memory; 2 cpu   request at most 1Gi; request at most 1 cpu

            """.ReplaceLineEndings("\n"), (await Orc.RunAsync("explain pod/web")).Out);
        Server.Workloads.Explanation = new ExplainResponse
        {
            Summary = "placed",
            NodeName = "b",
            Hosts = 2,
            FeasibleHosts = 2,
            Scores = { new HostScore { Host = "a", Total = 10, ByRule = { ["LeastAllocated"] = 10 } }, new HostScore { Host = "b", Total = 72.456, ByRule = { ["LeastAllocated"] = 72.456 } } },
        };
        Assert.EndsWith("HOST   SCORE   LEASTALLOCATED\nb *    72.46   72.46\na      10      10\n", (await Orc.RunAsync("explain vm db")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_names_the_hosts_and_what_would_help_what_fits_nowhere()
    {
        var pods = new ResourceName { Resource = "pods" };
        Server.Workloads.Planned = new PlanResponse
        {
            Hosts = 2,
            Others = { ["Service"] = 1 },
            Workloads =
            {
                new PlannedWorkload { Outcome = PlannedWorkload.Types.Outcome.Placed, Resource = pods, Name = "web-0", NodeName = "host-1" },
                new PlannedWorkload { Outcome = PlannedWorkload.Types.Outcome.MakesRoom, Resource = pods, Name = "db", NodeName = "host-2", Victims = { "pods default/batch" } },
                new PlannedWorkload
                {
                    Outcome = PlannedWorkload.Types.Outcome.Unplaced,
                    Resource = new ResourceName { Group = "virt.orchestrator.dev", Resource = "virtualmachines" },
                    Name = "big",
                    Reason = "0/2 hosts are available.",
                    Nearest = { new NearMiss { Host = "host-1", Remedies = { "request at most 1Gi of memory" } } },
                },
            },
        };
        Orc.Input = "{}";
        Assert.Equal(new Outcome(1, """
            WORKLOAD    HOST     NOTE
            pod/web-0   host-1   fits
            pod/db      host-2   ends pods default/batch
            vm/big      <none>   0/2 hosts are available.

            vm/big would fit
              on host-1: request at most 1Gi of memory

            2 of 3 workloads would run on 2 hosts; no workload comes of 1 Service

            """.ReplaceLineEndings("\n"), ""), await Orc.RunAsync("plan -f -"));
        Assert.Equal(("stdin", "{}"), (Server.Workloads.PlanAsked!.Manifests[0].Source, Server.Workloads.PlanAsked.Manifests[0].Text.ToStringUtf8()));
        Assert.Contains("must specify -f", (await Orc.RunAsync("plan")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_in_order_and_only_about_what_is_asked()
    {
        Event("late", "Pod", "web", "2026-01-01T00:00:10Z", 3);
        Event("early", "Pod", "web", "2026-01-01T00:00:01Z", 1);
        Event("other", "Pod", "x", "2026-01-01T00:00:05Z", 1);
        var lines = (await Orc.RunAsync("events --for pod/web")).Out.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("LAST SEEN", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("Normal   early    pod/web   it happened", lines[1], StringComparison.Ordinal);
        Assert.Contains("(x3 over", lines[2], StringComparison.Ordinal);
        Assert.Equal("No events found in nowhere namespace.\n", (await Orc.RunAsync("events -n nowhere")).Error);
    }

    [Fact]
    public async Task A_description_ends_with_the_events_of_the_object()
    {
        PutPod("web", labels: """{"a":"b","c":"d"}""");
        Event("Started", "Pod", "web", "2026-01-01T00:00:01Z", 1);
        var text = (await Orc.RunAsync("describe pod web")).Out;
        Assert.Contains("Labels:              a=b\n                     c=d\n", text, StringComparison.Ordinal);
        Assert.Contains("Containers:\n  c:\n", text, StringComparison.Ordinal);
        Assert.Contains("Events:\n  Type    Reason   Age", text, StringComparison.Ordinal);
        Assert.Equal(new Outcome(1, "", "Error from server (NotFound): pods \"nope\" not found\n"), await Orc.RunAsync("describe pod nope"));
    }

    [Fact]
    public async Task Top_shows_what_machines_did_between_two_looks()
    {
        PutMachine("db", "Running");
        PutMachine("idle", "Stopped");
        Server.Workloads.Figures.Enqueue(Figures(0));
        Server.Workloads.Figures.Enqueue(Figures(2));
        Assert.Equal(
            "NAME   CPU(cores)   MEMORY   READ/s   WRITE/s   OPS/s   BUSY/s   SLOTS   QUEUE(p99)   SERVICE(p99)\n"
            + "db     250m         64Mi     1.5Ki    1Mi       20      1        3       1.5µs        2ms\n",
            (await Orc.RunAsync("top vm --interval=0s")).Out);
        Assert.StartsWith("db    0m ", (await Orc.RunAsync("top vm db --interval=0s --no-headers")).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await Orc.RunAsync("top pods")).ExitCode);
        Server.Workloads.Figures.Clear();
        Assert.Equal(new Outcome(1, "", "Error from server (ServiceUnavailable): host-1 is away\n"), await Orc.RunAsync("top vm --interval=0s"));
    }

    [Fact]
    public async Task A_machine_is_described_with_its_rings_or_without_if_its_host_is_away()
    {
        PutMachine("db", "Running");
        Server.Workloads.Figures.Enqueue(Figures(2));
        var text = (await Orc.RunAsync("describe vm db")).Out;
        Assert.Contains("  Guest Pages:  32768\n", text, StringComparison.Ordinal);
        Assert.Contains("  vCPUs:        thread 42, 0.50s\n", text, StringComparison.Ordinal);
        Assert.Contains("    root  1Gi   2Mi     2       20     20      0        0      3Ki   2Mi      0\n", text, StringComparison.Ordinal);
        Assert.Contains("    root  3      7      2     0          1µs        1.5µs      1ms          2ms\n", text, StringComparison.Ordinal);
        Assert.Contains("  Host's Ring:  3 of 2048 slots, 1 in line\n", text, StringComparison.Ordinal);
        Server.Workloads.Figures.Clear();
        Assert.Matches("\nFigures: +<none: host-1 is away>\n", (await Orc.RunAsync("describe vm db")).Out);
    }

    private void PutMachine(string name, string phase) => Server.Objects.Put($$"""
        {"apiVersion":"virt.orchestrator.dev/v1","kind":"VirtualMachine","metadata":{"name":"{{name}}","namespace":"default"},
         "spec":{"image":"i:1"},"status":{"domain":{"id":"u","engine":"uml"},"phase":"{{phase}}"} }
        """);

    /// <summary>Of a machine that has run so many seconds of its host's clock.</summary>
    private static MachineFigures Figures(int seconds) => new()
    {
        TakenAtNanoseconds = seconds * 1_000_000_000L,
        CpuNanoseconds = seconds * 250_000_000L,
        MemoryBytes = 64 << 20,
        MemoryLimitBytes = 192 << 20,
        GuestPages = 32768,
        Vcpus = { new VcpuFigures { ThreadId = 42, CpuNanoseconds = 500_000_000 } },
        Ring = new RingFigures { Slots = 2048, SlotsInUse = 3, InLine = 1 },
        Disks =
        {
            new DiskFigures
            {
                Name = "root", SizeBytes = 1 << 30, StoredBytes = 2 << 20, Layers = 2,
                Reads = 10 * seconds, Writes = 10 * seconds, ReadBytes = 1536 * seconds, WrittenBytes = (1 << 20) * seconds,
                BusyCount = seconds, SlotsInUse = 3, SlotShare = 7,
                QueueTime = new LatencyFigures { P50Nanoseconds = 1000, P99Nanoseconds = 1500 },
                ServiceTime = new LatencyFigures { P50Nanoseconds = 1_000_000, P99Nanoseconds = 2_000_000 },
            },
        },
    };

    private void Event(string reason, string kind, string name, string time, int count) => Server.Objects.Put($$"""
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{reason}}","namespace":"default"},"type":"Normal","reason":"{{reason}}","count":{{count}},
         "message":"it\nhappened","involvedObject":{"kind":"{{kind}}","namespace":"default","name":"{{name}}"},"firstTimestamp":"{{time}}","lastTimestamp":"{{time}}"}
        """);
}

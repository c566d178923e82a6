using Orchestrator.Functional.Running;

namespace Orchestrator.Functional.Cases;

/// <summary>A machine's power, disks, snapshots, clones, size and cloud-init, as its user has them.</summary>
public sealed class MachineTests(DevCluster cluster)
{
    /// <summary>
    /// What the guest does at each start: it checks what it wrote before, counts the start on its disk, adds to the data, and says all that
    /// on its console, with what cloud-init would find. So a disk that lost anything, or that is another's, shows.
    /// </summary>
    private const string Script =
        "mkdir /mnt 2>/dev/null; mount /dev/vdc /mnt 2>/dev/null || { mke2fs /dev/vdc >/dev/null && mount /dev/vdc /mnt; }; cd /mnt; "
        + "[ -e sum ] || { echo 0 >starts; head -c 3000000 /dev/urandom >data; sha256sum data >sum; }; "
        + "found=$(sha256sum -c sum 2>&1); start=$(($(cat starts) + 1)); echo $start >starts; "
        + "head -c 100000 /dev/urandom >>data; sha256sum data >sum; sync; mkdir /tmp/seed; mount -t iso9660 -o ro /dev/vdd /tmp/seed; "
        + "echo start-$start $found, $(cat /tmp/seed/user-data) $(grep -c dhcp4 /tmp/seed/network-config) card; exec sleep 100000";

    [Fact]
    public async Task A_machine_keeps_its_disk_through_every_power_verb_and_a_clone_has_what_the_snapshot_had()
    {
        (await cluster.ApplyAsync(Secret("young"))).Succeeded();
        (await cluster.ApplyAsync(Machine("keeper") + "  cloudInit: {secretName: keeper-init}\n")).Succeeded();
        await SaysAsync("keeper", "start-1 data: OK, young 1 card");
        (await cluster.ApplyAsync(Secret("old"))).Succeeded();
        (await cluster.OrcAsync("snapshot", "keeper", "young")).Succeeded();
        await WaitAsync("keeper", ".status.snapshots[0].name", "young");

        await CycleAsync("restart");
        await SaysAsync("keeper", "start-2 data: OK, old 1 card");
        var process = await ProcessAsync();
        await PauseAndResumeAsync();
        Assert.Equal(process, await ProcessAsync());
        await FiguresAreShownAsync();

        (await cluster.OrcAsync("stop", "vm/keeper")).Succeeded();
        await cluster.WaitForPhaseAsync("vm/keeper", "Stopped");
        Assert.False(File.Exists($"/proc/{process}/stat"), $"process {process} of a machine that is stopped");
        (await cluster.OrcAsync("start", "vm/keeper")).Succeeded();
        await cluster.WaitForPhaseAsync("vm/keeper", "Running");
        await SaysAsync("keeper", "start-3 data: OK");

        await CycleAsync("reset");
        await SaysAsync("keeper", "start-4 data: OK");

        // The clone is of a size that the cluster doesn't know yet, and later knows otherwise.
        (await cluster.ApplyAsync(Machine("clone") + "  cloneOf: {virtualMachine: keeper, snapshot: young}\n  machineTypeName: slim\n")).Succeeded();
        await WaitAsync("clone", ".status.reason", "MachineTypeNotFound");
        Assert.Contains("MachineTypeNotFound", (await cluster.OrcAsync("get", "vm", "clone")).Succeeded());
        (await cluster.ApplyAsync(MachineType("96Mi"))).Succeeded();
        await SaysAsync("clone", "start-2 data: OK");
        await cluster.DeleteAsync("vm/keeper");
        (await cluster.ApplyAsync(MachineType("112Mi"))).Succeeded();
        Assert.Matches(@"(?m)^ +Memory: +96Mi$", (await cluster.OrcAsync("describe", "vm", "clone")).Succeeded());
        await CycleAsync("reset", "clone");
        await SaysAsync("clone", "start-3 data: OK");
        Assert.Matches(@"(?m)^ +Memory: +112Mi$", (await cluster.OrcAsync("describe", "vm", "clone")).Succeeded());
        await cluster.DeleteAsync("vm/clone", "machinetype/slim", "secret/keeper-init");
    }

    /// <summary>What is typed at a paused machine it hears when it goes on, in the run that it was in.</summary>
    private async Task PauseAndResumeAsync()
    {
        await using var console = cluster.StartOrc("console", "keeper");
        await console.PrintsAsync("start-2", DevCluster.Soon);
        (await cluster.OrcAsync("pause", "vm/keeper")).Succeeded();
        await cluster.WaitForPhaseAsync("vm/keeper", "Paused");
        await console.TypeAsync("\necho awake-$((40+2))\n");
        Assert.Contains("Paused", (await cluster.OrcAsync("get", "vm", "keeper")).Succeeded());
        Assert.DoesNotContain("awake-42", console.Output);
        (await cluster.OrcAsync("resume", "vm/keeper")).Succeeded();
        await console.PrintsAsync("awake-42", DevCluster.Soon);
        await cluster.WaitForPhaseAsync("vm/keeper", "Running");

        (await cluster.OrcAsync("patch", "vm", "keeper", "-p", Disks("48Mi"))).Succeeded();
        await console.TypeAsync("until [ $(cat /sys/block/vdc/size) = 98304 ]; do sleep 0.1; done; echo lar''ger\n");
        await console.PrintsAsync("larger", DevCluster.Soon);
        var smaller = await cluster.OrcAsync("patch", "vm", "keeper", "-p", Disks("40Mi"));
        Assert.True(smaller.ExitCode == 1 && smaller.Errors.Contains("spec.disks[0].size", StringComparison.Ordinal), smaller.ToString());
    }

    private static string Disks(string size) =>
        $$$"""{ "spec": { "disks": [{ "name": "data", "size": "{{{size}}}", "limits": { "bytesPerSecond": "20M", "burstBytes": "1Mi" } } ] } }""";

    private async Task FiguresAreShownAsync()
    {
        var described = (await cluster.OrcAsync("describe", "vm", "keeper")).Succeeded();
        // Its size, what its own layer has, and that it lies on the one that the snapshot froze.
        Assert.Matches(@"(?m)^ +data +48Mi +\S+ +2 +[1-9]", described);
        // Reading 3 MB took longer than its rate allows at once.
        Assert.Matches(@"(?m)^ +data +\d+ +\d+ +\d+ +[1-9]", described);
        Assert.Matches(@"(?m)^ +Host's Ring: +\d+ of \d+ slots", described);
        Assert.Matches(@"(?m)^Snapshots: +young,", described);
        var top = (await cluster.OrcAsync("top", "vm", "keeper", "--interval=200ms")).Succeeded();
        Assert.Matches(@"(?m)^NAME +CPU\(cores\) +MEMORY +READ/s +WRITE/s", top);
        Assert.Matches(@"(?m)^keeper +\d+m +\d+Mi", top);
    }

    private async Task CycleAsync(string verb, string machine = "keeper")
    {
        (await cluster.OrcAsync(verb, $"vm/{machine}")).Succeeded();
        await WaitAsync(machine, ".status.powerCycleID", await cluster.FieldAsync($"vm/{machine}", ".spec.powerCycle.id"));
        await cluster.WaitForPhaseAsync($"vm/{machine}", "Running");
    }

    private Task<string> ProcessAsync() => cluster.FieldAsync("vm/keeper", ".status.domain.processId");

    private async Task SaysAsync(string machine, string text)
    {
        await cluster.WaitForPhaseAsync($"vm/{machine}", "Running");
        await using var console = cluster.StartOrc("console", machine);
        await console.PrintsAsync(text, DevCluster.Soon);
    }

    private async Task WaitAsync(string machine, string path, string value) =>
        (await cluster.OrcAsync("wait", $"--for=jsonpath={{{path}}}={value}", $"vm/{machine}", "--timeout=60s")).Succeeded();

    private static string Secret(string userData) =>
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: keeper-init}}, stringData: {{userdata: {userData}}}}}";

    private static string MachineType(string memory) =>
        $"{{apiVersion: virt.orchestrator.dev/v1, kind: MachineType, metadata: {{name: slim}}, spec: {{cpus: 1, memory: {memory}}}}}";

    private static string Machine(string name) => $$$"""
        {{{Manifests.Machine(name, "paravirtual")}}}
          command: [/bin/sh, -c, '{{{Script}}}']
          disks: [{name: data, size: 32Mi, limits: {bytesPerSecond: 20M, burstBytes: 1Mi}}]

        """;
}

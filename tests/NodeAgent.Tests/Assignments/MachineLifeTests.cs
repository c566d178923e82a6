using Orchestrator.Agents.V1;
using Orchestrator.Dom0.V1;
using Orchestrator.NodeAgent.Networking;
using Orchestrator.NodeAgent.Options;
using Orchestrator.NodeAgent.Tests.Networking;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.NodeAgent.Tests.Assignments;

/// <summary>A machine's life by the whole agent over a fake dom0.</summary>
public sealed class MachineLifeTests
{
    private const string Uid = "uid-vm";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_machine_is_made_of_the_image_runs_and_goes()
    {
        await using var agent = await FakeAgent.StartAsync();
        var manifest = agent.Containerd.Images.Add("disk:1");
        var machine = Machine("disk:1");
        machine.VirtualMachine.Spec.Memory = "256Mi";
        machine.VirtualMachine.Spec.RootDisk = new RootDisk { Size = "100M" };
        await agent.Session.DesireAsync(machine);
        var status = await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal((Uid, "uml", 4711), (status.Domain.Id, status.Domain.Engine, (int)status.Domain.ProcessId));
        Assert.Equal(manifest, status.ImageId);
        var spec = agent.Dom0.Domains[Uid].Spec;
        Assert.Equal((256L << 20, 1, 0), (spec.MemoryBytes, spec.Vcpus, (int)(spec.RootDiskBytes % 4096)));
        Assert.True(spec.RootDiskBytes >= 100_000_000);
        // The layout, the index, the manifest, its config and its layer: nothing of the other platform.
        Assert.Equal(5, Assert.Single(agent.Dom0.Disks).Value.Count);

        await agent.Session.ChangeAsync(machine.Deleting());
        await agent.Session.GoneAsync(Uid, FakeAgent.Limit);
        Assert.Empty(agent.Dom0.Domains);
        Assert.Contains($"Stop {Uid} 9", agent.Dom0.Calls);
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("RerunOnFailure", 1, true)]
    [InlineData("RerunOnFailure", 0, false)]
    public async Task Whether_it_runs_again_is_its_strategy(string strategy, int exitCode, bool again)
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.RunStrategy = strategy;
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        agent.Dom0.End(Uid, exitCode == 0 ? "GuestShutdown" : "EngineCrashed", exitCode);
        var status = await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => again ? s is { Phase: "Running", RestartCount: 1 } : s.Phase == "Succeeded", FakeAgent.Limit));
        Assert.Equal(exitCode, status.LastTermination.ExitCode);
    }

    [Fact]
    public async Task Halting_stops_it_and_running_again_starts_the_same_domain()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        var halted = machine.Clone();
        halted.VirtualMachine.Spec.RunStrategy = "Halted";
        await agent.Session.ChangeAsync(halted);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Stopped", FakeAgent.Limit);
        await agent.Session.ChangeAsync(machine);
        await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit));
        Assert.Single(agent.Dom0.Calls, call => call.StartsWith("Create", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_disks_are_made_with_it_of_their_images()
    {
        await using var agent = await FakeAgent.StartAsync();
        var manifest = agent.Containerd.Images.Add("tools:1");
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.Disks.Add(new MachineDisk { Name = "data", Size = "1G" });
        machine.VirtualMachine.Spec.Disks.Add(new MachineDisk { Name = "tools", Image = "tools:1", ReadOnly = true });
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal(
            [new DiskSpec { Name = "data", Bytes = 1_000_001_536 }, new DiskSpec { Name = "tools", ImageDigest = manifest, ReadOnly = true }],
            agent.Dom0.Domains[Uid].Spec.Disks);
        Assert.Equal(2, agent.Dom0.Disks.Count);
    }

    /// <summary>The silo fills in the type's size; a machine without one has a type that isn't there.</summary>
    [Fact]
    public async Task It_waits_for_its_type_has_its_size_and_takes_a_change_of_it_with_a_start()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.MachineTypeName = "large";
        await agent.Session.DesireAsync(machine);
        var waiting = await agent.Session.MachineAsync(Uid, s => s.Reason == "MachineTypeNotFound", FakeAgent.Limit);
        Assert.Contains("\"large\"", waiting.Message);
        Assert.Empty(agent.Dom0.Domains);

        (machine.VirtualMachine.Spec.Cpus, machine.VirtualMachine.Spec.Memory) = (2, "1Gi");
        await agent.Session.ChangeAsync(machine);
        var running = await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit));
        Assert.Equal((2, "1Gi"), (running.Domain.Cpus, running.Domain.Memory));

        (machine.VirtualMachine.Spec.Cpus, machine.VirtualMachine.Spec.Memory) = (3, "1536Mi");
        machine.VirtualMachine.Metadata.Generation++;
        await agent.Session.ChangeAsync(machine);
        running = await agent.Session.MachineAsync(Uid, s => s.ObservedGeneration == machine.VirtualMachine.Metadata.Generation, FakeAgent.Limit);
        Assert.Equal((2, "1Gi"), (running.Domain.Cpus, running.Domain.Memory));
        machine.VirtualMachine.Spec.PowerCycle = new PowerCycle { Id = "one", Type = "Restart" };
        await agent.Session.ChangeAsync(machine);
        running = await agent.Session.MachineAsync(Uid, s => s.PowerCycleId == "one", FakeAgent.Limit);
        Assert.Equal((3, "1536Mi"), (running.Domain.Cpus, running.Domain.Memory));

        // Its type is gone: it keeps its size.
        machine.VirtualMachine.Spec.ClearCpus();
        machine.VirtualMachine.Spec.Memory = "";
        machine.VirtualMachine.Spec.PowerCycle = new PowerCycle { Id = "two", Type = "Reset" };
        await agent.Session.ChangeAsync(machine);
        running = await agent.Session.MachineAsync(Uid, s => s.PowerCycleId == "two", FakeAgent.Limit);
        Assert.Equal((3, "1536Mi", 2), (running.Domain.Cpus, running.Domain.Memory, running.RestartCount));
    }

    [Fact]
    public async Task Cloud_init_finds_what_is_said_what_the_secret_has_and_else_what_the_machine_is()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.CloudInit = new CloudInit { UserData = "#cloud-config\nown: true\n", SecretName = "init" };
        await agent.Session.DesireAsync(machine);
        var waiting = await agent.Session.MachineAsync(Uid, s => s.Reason == "CloudInitError", FakeAgent.Limit);
        Assert.Contains("secret \"init\" not found", waiting.Message);

        var secret = new ConfigurationSource { Kind = ConfigurationSource.Types.Kind.Secret, Name = "init" };
        secret.Data["userdata"] = Google.Protobuf.ByteString.CopyFromUtf8("is said by the object");
        secret.Data["metadata"] = Google.Protobuf.ByteString.CopyFromUtf8("instance-id: mine\n");
        machine.Sources.Add(secret);
        await agent.Session.ChangeAsync(machine);
        var running = await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit));
        Assert.Equal("cidata", agent.Dom0.Domains[Uid].Spec.ConfigDrive);
        var card = Assert.Single(running.Interfaces);
        var files = agent.Dom0.ConfigFiles[Uid].ToDictionary(file => file.Name, file => file.Content.ToStringUtf8());
        Assert.Equal("#cloud-config\nown: true\n", files["user-data"]);
        Assert.Equal("instance-id: mine\n", files["meta-data"]);
        Assert.StartsWith($"version: 2\nethernets:\n  default:\n    match: {{macaddress: \"{card.Mac}\"}}\n    dhcp4: false\n    addresses: [\"{card.IpAddress}/", files["network-config"]);

        machine.Sources.Clear();
        machine.VirtualMachine.Spec.CloudInit = new CloudInit();
        machine.VirtualMachine.Spec.PowerCycle = new PowerCycle { Id = "one", Type = "Restart" };
        await agent.Session.ChangeAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.PowerCycleId == "one", FakeAgent.Limit);
        files = agent.Dom0.ConfigFiles[Uid].ToDictionary(file => file.Name, file => file.Content.ToStringUtf8());
        Assert.Equal("#cloud-config\n", files["user-data"]);
        Assert.Equal($"instance-id: {Uid}\nlocal-hostname: {machine.VirtualMachine.Metadata.Name}\n", files["meta-data"]);
    }

    [Fact]
    public async Task Its_disks_have_their_limits_and_grow_with_its_object()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.Disks.Add(new MachineDisk { Name = "data", Size = "1Mi", Limits = new Orchestrator.Objects.VirtV1.RateLimits { OperationsPerSecond = 500, BytesPerSecond = "10M" } });
        machine.VirtualMachine.Spec.Interfaces.Add(new MachineInterface { Name = "default", Limits = new Orchestrator.Objects.VirtV1.RateLimits { BytesPerSecond = "1Mi", BurstBytes = "256Ki" } });
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        var spec = agent.Dom0.Domains[Uid].Spec;
        Assert.Equal(new Orchestrator.Dom0.V1.RateLimits { OperationsPerSecond = 500, BytesPerSecond = 10_000_000 }, Assert.Single(spec.Disks).Limits);
        Assert.Equal(new Orchestrator.Dom0.V1.RateLimits { BytesPerSecond = 1 << 20, BurstBytes = 256 << 10 }, Assert.Single(spec.Interfaces).Limits);

        machine.VirtualMachine.Spec.RootDisk = new RootDisk { Size = "1Mi" };
        machine.VirtualMachine.Spec.Disks[0].Size = "3Mi";
        await agent.Session.ChangeAsync(machine);
        await agent.Session.NextAsync(message => message.Event?.Reason == "DiskGrown", FakeAgent.Limit);
        Assert.Contains(agent.Session.Events, told => told is { Reason: "DiskNotGrown", Message: "bytes: disk root has more" });
        Assert.Contains($"Grow {Uid} root 1048576", agent.Dom0.Calls);
        Assert.Equal(3 << 20, Assert.Single(agent.Dom0.Domains[Uid].Spec.Disks).Bytes);
    }

    [Fact]
    public async Task It_stands_still_while_its_object_says_so()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.Paused = true;
        await agent.Session.DesireAsync(machine);
        var paused = await agent.Session.MachineAsync(Uid, s => s.Phase == "Paused", FakeAgent.Limit);
        Assert.Equal("False", Assert.Single(paused.Conditions).Status);
        machine = machine.Clone();
        machine.VirtualMachine.Spec.Paused = false;
        await agent.Session.ChangeAsync(machine);
        var running = await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal("True", Assert.Single(running.Conditions).Status);
        Assert.Equal([$"Create {Uid}", $"Start {Uid}", $"Pause {Uid}", $"Resume {Uid}"], agent.Dom0.Calls);
    }

    [Theory]
    [InlineData("Restart", 9)]
    [InlineData("Reset", 0)]
    public async Task Its_power_is_cycled_once_for_each_id(string type, int grace)
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.PowerCycle = new PowerCycle { Id = "one", Type = type };
        await agent.Session.DesireAsync(machine);

        // Its first start is as good as what was asked before it.
        await agent.Session.MachineAsync(Uid, s => s is { Phase: "Running", PowerCycleId: "one" }, FakeAgent.Limit);
        machine = machine.Clone();
        machine.VirtualMachine.Spec.PowerCycle.Id = "two";
        await agent.Session.ChangeAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s is { Phase: "Running", PowerCycleId: "two", RestartCount: 1 }, FakeAgent.Limit);
        await agent.KillProcessAsync();
        await agent.StartProcessAsync();
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s is { Phase: "Running", PowerCycleId: "two" }, FakeAgent.Limit);
        Assert.Equal([$"Create {Uid}", $"Start {Uid}", $"Restart {Uid} {grace} two"], agent.Dom0.Calls);
    }

    [Fact]
    public async Task It_has_the_snapshots_that_its_object_names()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.CloneOf = new CloneSource { VirtualMachine = "other", Snapshot = "base", Uid = "uid-other" };
        machine.VirtualMachine.Spec.Snapshots.Add(new SnapshotName { Name = "first" });
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Snapshots.Any(snapshot => snapshot.Name == "first"), FakeAgent.Limit);
        Assert.Equal(new DomainSnapshotName { Domain = "uid-other", Snapshot = "base" }, agent.Dom0.Domains[Uid].Spec.Source);
        machine = machine.Clone();
        machine.VirtualMachine.Spec.Snapshots[0].Name = "second";
        machine.VirtualMachine.Spec.Snapshots.Add(new SnapshotName { Name = "too-many" });
        await agent.Session.ChangeAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Snapshots.Count == 1 && s.Snapshots[0].Name == "second", FakeAgent.Limit);
        // One that is refused is asked for again in every round.
        Assert.Equal(
            [$"Create {Uid}", $"Start {Uid}", $"Snapshot {Uid} first", $"RemoveSnapshot {Uid} first", $"Snapshot {Uid} second", $"Snapshot {Uid} too-many"],
            agent.Dom0.Calls.Distinct());
    }

    [Fact]
    public async Task Its_figures_are_those_of_its_domain()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        var figures = new OpenStream { Figures = new FiguresTarget { Workload = machine.Reference() } };
        var stream = await agent.Silo.OpenAsync(agent.Session, figures, FakeAgent.Limit);
        var measured = (await stream.ReadAsync(null, FakeAgent.Limit))!.Figures;
        stream.Finish();
        Assert.Equal((1, 2, 3, 4), (measured.TakenAtNanoseconds, measured.CpuNanoseconds, measured.GuestPages, measured.Ring.Slots));
        var disk = Assert.Single(measured.Disks);
        Assert.Equal(("root", 5, 6, 7), (disk.Name, disk.Writes, disk.ServiceTime.Count, disk.ServiceTime.P99Nanoseconds));

        var nobody = machine.Reference();
        nobody.Uid = "nobody";
        stream = await agent.Silo.OpenAsync(agent.Session, new OpenStream { Figures = new FiguresTarget { Workload = nobody } }, FakeAgent.Limit);
        Assert.Equal("NotFound", (await stream.ReadAsync(null, FakeAgent.Limit))!.Error.Reason);
        stream.Finish();
    }

    [Fact]
    public async Task A_start_that_dom0_refuses_is_told_and_tried_again()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Dom0.RefuseStart = "no user id is left";
        await agent.Session.DesireAsync(Machine("busybox:1"));
        var failed = await agent.Session.MachineAsync(Uid, s => s.Reason == "StartDomainError", FakeAgent.Limit);
        Assert.Equal("no user id is left", failed.Message);
        agent.Dom0.RefuseStart = null;
        await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit));
    }

    [Fact]
    public async Task A_successor_adopts_it_and_removes_what_nobody_wants()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        await agent.KillProcessAsync();
        agent.Dom0.Calls.Clear();
        await agent.StartProcessAsync();
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s is { Phase: "Running", RestartCount: 0 }, FakeAgent.Limit);
        Assert.Empty(agent.Dom0.Calls);
        await agent.Session.DesireAsync();
        await agent.PassAsync(Second, agent.Session.GoneAsync(Uid, FakeAgent.Limit));
        Assert.Empty(agent.Dom0.Domains);
    }

    [Fact]
    public async Task The_console_goes_both_ways()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        await agent.Session.DesireAsync(machine);
        await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        var console = await agent.Silo.OpenAsync(agent.Session, new OpenStream { Console = new ConsoleTarget { Workload = machine.Reference(), Follow = true } }, FakeAgent.Limit);
        await console.ReadAsync("booted\n", FakeAgent.Limit);
        await console.WriteAsync("uname\n");
        await console.ReadAsync("uname\n", FakeAgent.Limit);
        console.Finish();
    }

    [Fact]
    public async Task It_has_an_address_of_the_pods_pool_for_as_long_as_it_exists()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        await agent.Session.DesireAsync(machine);
        var card = Assert.Single((await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit)).Interfaces);
        Assert.Equal((card.IpAddress, Uid), Assert.Single(TestPool.Taken(agent.Data).Select(taken => (taken.Key, taken.Value))));
        Assert.Matches("^02(:[0-9a-f]{2}){5}$", card.Mac);
        var given = Assert.Single(agent.Dom0.Domains[Uid].Spec.Interfaces);
        Assert.Equal(($"{card.IpAddress}/24", TestPool.Gateway, card.Mac), (given.Addresses[0], given.Gateway, given.MacAddress));

        // Stopped it keeps it; a successor knows of it.
        agent.Dom0.End(Uid, "GuestShutdown", 0);
        await agent.KillProcessAsync();
        await agent.StartProcessAsync();
        await agent.Session.DesireAsync(machine);
        var again = await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s is { Phase: "Running", RestartCount: 1 }, FakeAgent.Limit));
        Assert.Equal(card, Assert.Single(again.Interfaces));
        Assert.Single(TestPool.Taken(agent.Data));

        await agent.Session.ChangeAsync(machine.Deleting());
        await agent.Session.GoneAsync(Uid, FakeAgent.Limit);
        Assert.Empty(TestPool.Taken(agent.Data));
        Assert.Empty(Directory.EnumerateFiles(Path.Join(agent.Data, "machines")));
    }

    [Fact]
    public async Task Its_networks_are_what_its_object_says()
    {
        await using var agent = await FakeAgent.StartAsync();
        var machine = Machine("busybox:1");
        machine.VirtualMachine.Spec.Networks.Add(new MachineNetwork { Name = "back", Segment = "rack" });
        machine.VirtualMachine.Spec.Networks.Add(new MachineNetwork { Name = "front", Pod = new PodNetworkSource() });
        machine.VirtualMachine.Spec.Interfaces.Add(new MachineInterface { Name = "back", MacAddress = "02:00:00:00:00:07", Addresses = { "10.1.0.7/16" } });
        await agent.Session.DesireAsync(machine);
        var status = await agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit);
        Assert.Equal(["back", "front"], status.Interfaces.Select(card => card.Name));
        Assert.Equal(("10.1.0.7", "02:00:00:00:00:07"), (status.Interfaces[0].IpAddress, status.Interfaces[0].Mac));
        Assert.Equal(["default/rack", ""], agent.Dom0.Domains[Uid].Spec.Interfaces.Select(card => card.Segment));
    }

    /// <summary>What an agent took and died with before dom0 heard of it is found by its successor, wanted or not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_that_was_taken_in_vain_is_not_lost(bool isWanted)
    {
        await using var agent = await FakeAgent.StartAsync();
        await agent.Session.DesireAsync();
        await agent.KillProcessAsync();
        var network = PodNetwork.Read(Path.Join(agent.Data, "cni"), out _)!;
        var options = new AgentOptions { Data = agent.Data, CniConf = Path.Join(agent.Data, "cni") };
        new MachineLeases(Path.Join(agent.Data, "machines")).Write(new MachineLease("default", "vm", Uid, network, null));
        await new AddressPool(options, new HostTools()).TakeAsync(Uid, network, FakeAgent.Limit);
        Assert.Single(TestPool.Taken(agent.Data));

        await agent.StartProcessAsync();
        if (isWanted)
        {
            await agent.Session.DesireAsync(Machine("busybox:1"));
            await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit));
            Assert.Single(TestPool.Taken(agent.Data));
        }
        else
        {
            await agent.Session.DesireAsync();
            await agent.PassAsync(Second, agent.Session.GoneAsync(Uid, FakeAgent.Limit));
            Assert.Empty(TestPool.Taken(agent.Data));
        }
    }

    [Fact]
    public async Task Without_a_network_or_an_address_it_says_so_and_tries_again()
    {
        await using var agent = await FakeAgent.StartAsync();
        Directory.Delete(Path.Join(agent.Data, "cni"), recursive: true);
        await agent.Session.DesireAsync(Machine("busybox:1"));
        var failed = await agent.Session.MachineAsync(Uid, s => s.Reason == "NetworkNotReady", FakeAgent.Limit);
        Assert.Contains("no CNI network configuration", failed.Message, StringComparison.Ordinal);

        TestPool.Write(agent.Data, "10.252.0.0/30");
        var network = PodNetwork.Read(Path.Join(agent.Data, "cni"), out _)!;
        var pool = new AddressPool(new AgentOptions(), new HostTools());
        await pool.TakeAsync("another", network, FakeAgent.Limit);
        var full = await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Reason == "NoAddress", FakeAgent.Limit));
        Assert.Contains("no IP addresses available", full.Message, StringComparison.Ordinal);
        await pool.GiveBackAsync("another", network, FakeAgent.Limit);
        await agent.PassAsync(Second, agent.Session.MachineAsync(Uid, s => s.Phase == "Running", FakeAgent.Limit));
    }

    private static Assignment Machine(string image) => new()
    {
        RuntimeHandler = "uml",
        VirtualMachine = new VirtualMachine
        {
            Metadata = new ObjectMeta { Name = "vm", Namespace = "default", Uid = Uid },
            Spec = new VirtualMachineSpec { Image = image, RunStrategy = "Always", TerminationGracePeriodSeconds = 9 },
        },
    };
}

using CsCheck;
using Orchestrator.Hypervisor.Domains;

namespace Orchestrator.Hypervisor.Tests.Domains;

public sealed class DomainJournalTests
{
    private static readonly DomainRecord Record = new()
    {
        Id = "vm-1",
        UserId = 200_001,
        Phase = DomainPhase.Running,
        Reason = "r",
        Message = "ünïcode \"quoted\"",
        StartedAt = DateTimeOffset.UnixEpoch,
        ExitCode = 3,
        Starts = 2,
        Process = new ProcessIdentity(42, 4711, "boot"),
        VcpuThreadIds = [42, 43],
        PowerCycle = "one",
        Snapshots = [new DomainSnapshot("before", DateTimeOffset.UnixEpoch)],
        Spec = new GuestSpec
        {
            Engine = "uml",
            Vcpus = 1,
            MemoryBytes = 1 << 27,
            RootImageDigest = "sha256:" + new string('a', 64),
            RootDiskBytes = 0,
            Hostname = "vm-1",
            Command = ["sh", "-c", "true"],
            Arguments = [],
            Environment = [KeyValuePair.Create("A", "b")],
            Label = "ns/vm-1",
            Interfaces = [new GuestInterface { Name = "default", MacAddress = "02:00:00:00:00:01", Bridge = "pods0", Addresses = ["10.88.1.7/24"] }],
            Disks = [new GuestDisk("data", 1 << 30, "", IsReadOnly: true)],
            Source = new CloneSource("vm-0", "before"),
        },
    };

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var read = DomainJournal.Decode(DomainJournal.Encode(Record), "vm-1").Record!;

        Assert.Equal(Record.Spec, read.Spec);
        Assert.Equal(Record.Process, read.Process);
        Assert.Equal(Record.VcpuThreadIds, read.VcpuThreadIds);
        Assert.Equal(Record.Snapshots, read.Snapshots);
        Assert.Equal(Record with { Spec = null, VcpuThreadIds = [], Snapshots = [] }, read with { Spec = null, VcpuThreadIds = [], Snapshots = [] });
    }

    /// <summary>Of a dom0 before there were config drives: what it doesn't say is as if it were said to be none.</summary>
    [Fact]
    public void AnOlderOneIsRead()
    {
        var content = DomainJournal.Encode(Record);
        Assert.DoesNotContain("configDrive", System.Text.Encoding.UTF8.GetString(content));
        Assert.DoesNotContain("imits", System.Text.Encoding.UTF8.GetString(content));
        Assert.Equal(2, DomainDevices.DisksOf(DomainJournal.Decode(content, "vm-1").Record!.Spec! with { Disks = [] }).Count());
    }

    [Fact]
    public void TornAtAnyByteItSaysSo()
    {
        var content = DomainJournal.Encode(Record);
        for (var length = 0; length < content.Length; length++)
        {
            var entry = DomainJournal.Decode(content.AsSpan(0, length), "vm-1");
            Assert.Null(entry.Record);
            Assert.NotNull(entry.Error);
        }
    }

    [Fact]
    public void DamagedAnywhereItIsReadOrSaysSo()
    {
        var content = DomainJournal.Encode(Record);
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte).Holds((at, value) =>
        {
            var damaged = content.ToArray();
            damaged[at] = value;
            var entry = DomainJournal.Decode(damaged, "vm-1");
            return entry.Record is null ? entry.Error is not null : entry.Record.Id == "vm-1" && entry.Record.Spec is not null;
        });
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"vm-1","userId":1,"phase":"Running"}""")]
    [InlineData("""{"id":"vm-1","userId":1,"phase":"Flying"}""")]
    public void WhatIsNoRecordSaysSo(string content) =>
        Assert.NotNull(DomainJournal.Decode(System.Text.Encoding.UTF8.GetBytes(content), "vm-1").Error);

    [Fact]
    public void AnothersJournalIsNotOurs() => Assert.NotNull(DomainJournal.Decode(DomainJournal.Encode(Record), "vm-2").Error);
}

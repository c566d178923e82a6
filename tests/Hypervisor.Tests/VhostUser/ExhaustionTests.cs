using System.Globalization;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.VhostUser;

/// <summary>
/// Front-ends that ask again and again: what each message takes goes with it, with the next or with the connection. Alone in the process,
/// whose descriptors, mappings and memory are counted.
/// </summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public sealed class ExhaustionTests
{
    private const string Alone = "counts what the process has";
    private const int Times = 2000;

    /// <summary>What a process may have more of for reasons of its own: the runtime's threads, caches and heaps.</summary>
    private const int Slack = 50;
    private const long MemorySlack = 8 << 20;

    [Fact]
    public Task CVE_2019_14818_a_queue_set_up_again_and_again() => LeavesNothing(disk =>
    {
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape(QueueSize: 1024) { IsPacked = true });
        for (var i = 0; i < Times; i++)
        {
            guest.Client.Send(8, VhostClient.Pair(0, 1024));
            guest.Queues[0].Start();
        }

        Assert.Equal(0, guest.Client.Ask(11, VhostClient.Pair(0, 0))[0]);
    });

    [Fact]
    public Task CVE_2020_10726_an_inflight_region_asked_for_again_and_again() => LeavesNothing(disk =>
    {
        using var client = new VhostClient(disk.Socket);
        for (var i = 0; i < Times; i++)
        {
            client.Ask(31, [.. VhostClient.Bytes(0, 0), 1, 0, 128, 0]);
            using var region = client.TakeDescriptor();
            if (i % 2 == 0)
            {
                var bytes = (ulong)RandomAccess.GetLength(region);
                client.Send(32, [.. VhostClient.Bytes(bytes, 0), 1, 0, 128, 0], [region]);
            }
        }

        client.AskNumber(1);
    });

    /// <summary>Descriptors that no such message has: the connection ends, and they are closed.</summary>
    [Theory]
    [InlineData(31, 1)]
    [InlineData(31, 8)]
    [InlineData(32, 2)]
    [InlineData(32, 8)]
    [InlineData(6, 3)]
    [InlineData(1, 200)]
    public Task CVE_2022_0669_messages_with_descriptors_that_nobody_asked_for(uint message, int descriptors) => LeavesNothing(disk =>
    {
        using var memory = SharedMemory.Create("hostile", 1 << 16);
        byte[] payload = message switch { 1 => [], 6 => VhostClient.Bytes(4096, 0), _ => [.. VhostClient.Bytes(4096, 0), 1, 0, 128, 0] };
        for (var i = 0; i < 100; i++)
        {
            using var client = new VhostClient(disk.Socket);
            client.Send(message, payload, [.. Enumerable.Repeat(memory, descriptors)]);
            Assert.True(client.IsClosed());
        }
    });

    /// <summary>Logs, regions, channels and queues that replace each other on one connection.</summary>
    [Fact]
    public Task Whatever_is_given_again_replaces_what_was_there() => LeavesNothing(disk =>
    {
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape { IsLogged = true });
        using var log = new GuestLog(guest.Guest);
        using var call = Events.Create();
        for (var i = 0; i < Times; i++)
        {
            log.Give(guest.Client);
            guest.Client.Tell(7, [], call);
            guest.Client.Tell(21, [], call);
            guest.Client.Tell(13, VhostClient.Bytes(0), call);
            guest.Client.Tell(14, VhostClient.Bytes(0), call);
            guest.Client.Tell(5, VhostClient.Table(guest.Guest.Place), guest.Guest.File);
        }
    });

    private static async Task LeavesNothing(Action<ServedDisk> ask)
    {
        await using var disk = new ServedDisk(1 << 20, inMemory: true);
        Ask(disk);
        var before = Count();
        ask(disk);
        Ask(disk);
        var after = Count();
        Assert.InRange(after.Descriptors, 0, before.Descriptors + Slack);
        Assert.InRange(after.Mappings, 0, before.Mappings + Slack);
        Assert.InRange(after.Memory, 0, before.Memory + MemorySlack);
    }

    /// <summary>Another front-end, which is let in when nothing of the one before is left.</summary>
    private static void Ask(ServedDisk disk)
    {
        using var guest = new BlockFrontEnd(disk.Socket, new BlockShape());
        Assert.Equal(0, guest.Queues[0].Run(BlockDriver.In, 0, 4096));
    }

    private static (int Descriptors, int Mappings, long Memory) Count()
    {
        // Before a collection: what waits for one to be closed is not closed.
        var descriptors = Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        var status = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssShmem", StringComparison.Ordinal));
        return (
            descriptors,
            File.ReadLines("/proc/self/maps").Count(),
            managed + (1024 * long.Parse(status.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim(), CultureInfo.InvariantCulture)));
    }
}

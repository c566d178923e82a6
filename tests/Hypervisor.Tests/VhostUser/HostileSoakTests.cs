using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Memory;
using Orchestrator.Hypervisor.Tests.FrontEnd;

namespace Orchestrator.Hypervisor.Tests.VhostUser;

/// <summary>
/// Front-ends that say and write anything, one after the other, beside one that works: the work goes on, and neither its memory nor its
/// disk has a byte that it didn't write. The short form has a fixed seed; <c>./dev soak rings ROUNDS SEED</c> is the long one.
/// </summary>
public sealed class HostileSoakTests(ITestOutputHelper output)
{
    private const int ShortRounds = 150;
    private const int ShortSeed = 1;
    private const int DiskBytes = 1 << 20;
    private const int Actions = 60;

    [Fact]
    public async Task Whatever_a_front_end_does_only_its_own_device_suffers()
    {
        var rounds = Setting("RINGS_SOAK_ROUNDS", ShortRounds);
        var seed = Setting("RINGS_SOAK_SEED", ShortSeed);
        using var loop = ServedDisk.CreateLoop();
        await using var hostileMemory = new ServedDisk(DiskBytes, inMemory: true, queues: 2, loop: loop);
        await using var hostileDisk = new ServedDisk(DiskBytes, inMemory: false, queues: 2, loop: loop);
        await using var other = new ServedDisk(DiskBytes, inMemory: true, loop: loop);
        using var worker = new BlockFrontEnd(other.Socket, new BlockShape());
        var canary = worker.Guest.Allocate(4096);
        worker.Guest[canary, 4096].Fill(0xCA);
        var inputs = 0L;
        for (var round = 0; round < rounds; round++)
        {
            var random = new Random(HashCode.Combine(seed, round));
            inputs += Attack((round % 2 == 0 ? hostileMemory : hostileDisk).Socket, random);
            Work(worker.Queues[0], (byte)round);
        }

        Assert.Equal(-1, worker.Guest[canary, 4096].IndexOfAnyExcept((byte)0xCA));
        Assert.Equal(DiskBytes, other.Content().AsSpan().Count((byte)(rounds - 1)));
        output.WriteLine($"{rounds} front-ends with seed {seed}: {inputs} messages, ring writes and kicks");
        TestContext.Current.SendDiagnosticMessage("{0} front-ends with seed {1}: {2} messages, ring writes and kicks", rounds, seed, inputs);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static void Work(BlockDriver queue, byte value)
    {
        for (var block = 0; block < DiskBytes / 4096; block++)
        {
            queue.Data(0).Fill(value);
            Assert.Equal(0, queue.Run(BlockDriver.Out, (ulong)block * 8, 4096));
            queue.Data(0).Clear();
            Assert.Equal(0, queue.Run(BlockDriver.In, (ulong)block * 8, 4096));
            Assert.Equal(-1, queue.Data(0).IndexOfAnyExcept(value));
        }
    }

    private static int Attack(string socket, Random random)
    {
        using var guest = new SharedGuest(1 << 18, canShrink: random.Next(2) == 0);
        using var kick = Events.Create();
        using var call = Events.Create();
        SafeFileHandle[] descriptors = [guest.File, kick, call];
        using var client = new VhostClient(socket);
        var ring = DriverRing.Create(guest, (ushort)(1 << random.Next(1, 8)), random.Next(2) == 0, random.Next(2) == 0);
        var inputs = 0;
        try
        {
            if (random.Next(8) > 0)
            {
                Negotiate(client, guest, ring, kick, call, random);
            }

            for (; inputs < Actions; inputs++)
            {
                Act(client, guest, ring, descriptors, random);
            }
        }
        catch (IOException)
        {
            // It has closed the connection, as it should.
        }

        return inputs;
    }

    private static unsafe void Negotiate(
        VhostClient client, SharedGuest guest, DriverRing ring, SafeFileHandle kick, SafeFileHandle call, Random random)
    {
        client.SendNumber(2, (1UL << 30) | (1UL << 32) | ((ulong)random.Next(4) << 28) | (ring is PackedDriverQueue ? BlockFrontEnd.Packed : 0));
        client.SendNumber(16, (1 << 3) | (1 << 9));
        client.Send(5, VhostClient.Table(guest.Place), [guest.File]);
        var place = ring.Place;
        client.Send(8, VhostClient.Pair(0, place.Size));
        client.Send(10, VhostClient.Pair(0, ring.StartPosition));
        client.Send(9, VhostClient.Bytes(
            0, (ulong)guest.At(place.Descriptors), (ulong)guest.At(place.Device), (ulong)guest.At(place.Driver), 0));
        client.Send(13, VhostClient.Bytes(0), [call]);
        client.Send(12, VhostClient.Bytes(0), [kick]);
        client.Send(18, VhostClient.Pair(0, 1));
    }

    private static void Act(VhostClient client, SharedGuest guest, DriverRing ring, SafeFileHandle[] descriptors, Random random)
    {
        switch (random.Next(10))
        {
            case 0:
                // A message that exists, with numbers near what makes sense.
                var payload = new byte[random.Next(4) == 0 ? random.Next(300) : 8 * random.Next(6)];
                for (var i = 0; i + 8 <= payload.Length; i += 8)
                {
                    BitConverter.TryWriteBytes(payload.AsSpan(i), Number(guest, random));
                }

                client.Send((uint)random.Next(42), payload, Some(descriptors, random), (uint)(random.Next(3) == 0 ? random.Next(16) : 1));
                break;
            case 1 when random.Next(6) == 0:
                var garbage = new byte[random.Next(1, 100)];
                random.NextBytes(garbage);
                client.SendRaw(garbage, Some(descriptors, random));
                break;
            case 2 when random.Next(20) == 0:
                TryTruncate(guest.File, random.Next(1 << 18));
                break;
            case 3 when random.Next(4) == 0:
                client.Send(11, VhostClient.Pair(0, 0));
                break;
            default:
                if (RandomAccess.GetLength(guest.File) == (long)guest.Bytes)
                {
                    Scribble(guest, ring, random);
                }

                Events.Signal(descriptors[1]);
                break;
        }
    }

    /// <summary>Anything into the ring; while the device reads it, for there is nobody to keep them apart.</summary>
    private static void Scribble(SharedGuest guest, DriverRing ring, Random random)
    {
        if (ring is PackedDriverQueue packed)
        {
            Scribble(guest, packed, random);
        }
        else
        {
            Scribble(guest, (DriverQueue)ring, random);
        }
    }

    private static void Scribble(SharedGuest guest, PackedDriverQueue ring, Random random)
    {
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            ring.SetDescriptor(
                random.Next(4) == 0 ? SharedGuest.Base + (ulong)(16 * random.Next(1 << 13)) : ring.Place.Descriptors,
                random.Next(ring.Size),
                Number(guest, random),
                (uint)(random.Next(3) == 0 ? random.Next() : random.Next(1, 5) * 512 >> random.Next(10)),
                (ushort)random.Next(1 << 16),
                (ushort)(random.Next(8) | (random.Next(8) == 0 ? random.Next(1 << 16) : PackedDriverQueue.Offered(random.Next(2) == 0))));
        }

        ring.DriverEvent = (ushort)random.Next(1 << 16);
        ring.DriverEventFlags = (ushort)random.Next(5);
    }

    private static void Scribble(SharedGuest guest, DriverQueue ring, Random random)
    {
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            ring.SetDescriptor(
                random.Next(4) == 0 ? SharedGuest.Base + (ulong)(16 * random.Next(1 << 13)) : ring.Place.Descriptors,
                random.Next(ring.Size),
                Number(guest, random),
                (uint)(random.Next(3) == 0 ? random.Next() : random.Next(1, 5) * 512 >> random.Next(10)),
                (ushort)random.Next(8),
                (ushort)random.Next(ring.Size + 1));
        }

        for (var i = random.Next(8); i > 0; i--)
        {
            ring.AvailableEntry(random.Next(ring.Size)) = (ushort)random.Next(ring.Size + (random.Next(20) == 0 ? 2 : 0));
        }

        ring.UsedEvent = (ushort)random.Next(1 << 16);
        ring.AvailableIndex += (ushort)(random.Next(50) == 0 ? random.Next(1 << 16) : random.Next(ring.Size));
    }

    private static ulong Number(SharedGuest guest, Random random) => random.Next(6) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => ulong.MaxValue - (ulong)random.Next(5000),
        2 => (ulong)random.Next(300),
        3 => guest.Place.FrontEndAddress + (ulong)random.Next(1 << 18),
        _ => SharedGuest.Base + (ulong)random.Next((1 << 18) + 100),
    };

    private static SafeFileHandle[] Some(SafeFileHandle[] descriptors, Random random) =>
        [.. Enumerable.Range(0, random.Next(3) == 0 ? random.Next(12) : 0).Select(_ => descriptors[random.Next(descriptors.Length)])];

    private static void TryTruncate(SafeFileHandle file, long bytes)
    {
        try
        {
            RandomAccess.SetLength(file, bytes);
        }
        catch (SystemException)
        {
            // It is sealed.
        }
    }
}

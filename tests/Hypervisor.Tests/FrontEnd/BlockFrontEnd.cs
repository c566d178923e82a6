using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>A whole front-end of a disk: it negotiates like an engine and drives each queue like a guest.</summary>
internal sealed class BlockFrontEnd : IDisposable
{
    public const ulong EventIndex = 1UL << 29;
    public const ulong Indirect = 1UL << 28;

    public const ulong Packed = 1UL << 34;
    public const ulong LogAll = 1UL << 26;

    // Of disks, of rings, of migration, of the transport; not of an IOMMU.
    private const ulong Known = 0xFF_FFFF | LogAll | Indirect | EventIndex | (1UL << 30) | (1UL << 32) | Packed;

    // Queues, the log of a migration, acknowledgements, configuration.
    private const ulong KnownProtocol = (1 << 0) | (1 << 1) | (1 << 3) | (1 << 9);

    private readonly SharedGuest _guest;
    private readonly bool _ownsGuest;

    /// <param name="guest">Memory to go on with, after another connection; its rings are set up anew.</param>
    public BlockFrontEnd(string path, BlockShape shape, SharedGuest? guest = null)
    {
        Client = new VhostClient(path);
        _ownsGuest = guest is null;
        _guest = guest ?? new SharedGuest(shape.MemoryBytes, shape.CanShrink);
        Features = Client.AskNumber(1);
        Client.SendNumber(2, Features & Known & ~shape.Refused);
        Client.SendNumber(16, Client.AskNumber(15) & KnownProtocol);
        Client.Send(3, []);
        Client.Tell(5, VhostClient.Table(_guest.Place), _guest.File);
        Queues = [.. Enumerable.Range(0, shape.Queues).Select(index => new BlockDriver(this, _guest, index, shape))];
        foreach (var queue in Queues)
        {
            queue.Start();
        }
    }

    public VhostClient Client { get; }

    public SharedGuest Guest => _guest;

    public ulong Features { get; }

    public BlockDriver[] Queues { get; }

    public void Dispose()
    {
        Client.Dispose();
        foreach (var queue in Queues)
        {
            queue.Dispose();
        }

        if (_ownsGuest)
        {
            _guest.Dispose();
        }
    }
}

/// <summary>How a front-end drives a disk.</summary>
internal sealed record BlockShape(int Queues = 1, ushort QueueSize = 128, int Depth = 32, int RequestBytes = 4096)
{
    public bool CanShrink { get; init; }

    public bool UsesIndirect { get; init; }

    public bool IsPacked { get; init; }

    /// <summary>Features that it doesn't accept.</summary>
    public ulong Without { get; init; }

    /// <summary>The guest is about to migrate: what the device writes is logged.</summary>
    public bool IsLogged { get; init; }

    public ulong Refused => Without | (IsPacked ? 0 : BlockFrontEnd.Packed) | (IsLogged ? 0 : BlockFrontEnd.LogAll);

    public int MemoryBytes => (Queues * ((QueueSize * 64) + (Depth * (RequestBytes + 512)) + 16384)) + 65536;
}

/// <summary>One queue of a disk, driven with so many requests at a time, each with a buffer of its own.</summary>
internal sealed class BlockDriver : IDisposable
{
    public const uint In = 0;
    public const uint Out = 1;
    public const uint Flush = 4;
    public const uint GetId = 8;
    public const uint Discard = 11;
    public const uint WriteZeroes = 13;

    private const int HeaderBytes = 16;

    private readonly BlockFrontEnd _owner;
    private readonly SharedGuest _guest;
    private readonly uint _index;
    private readonly BlockShape _shape;
    private readonly ulong _data;
    private readonly ulong _headers;
    private readonly ulong _tables;
    private readonly int[] _slotOf;

    public BlockDriver(BlockFrontEnd owner, SharedGuest guest, int index, BlockShape shape)
    {
        _owner = owner;
        _guest = guest;
        _index = (uint)index;
        _shape = shape;
        Ring = DriverRing.Create(guest, shape.QueueSize, (owner.Features & ~shape.Refused & BlockFrontEnd.EventIndex) != 0, shape.IsPacked);
        _headers = guest.Allocate(32 * shape.Depth, 4096);
        _tables = guest.Allocate(48 * shape.Depth);
        _data = guest.Allocate(shape.RequestBytes * shape.Depth, 4096);
        _slotOf = new int[shape.QueueSize];
    }

    public DriverRing Ring { get; }

    public SafeFileHandle Kick { get; } = Events.Create();

    public SafeFileHandle Call { get; } = Events.Create();

    /// <summary>Type and sector of the request in that slot.</summary>
    public Span<ulong> Header(int slot) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(_guest[_headers + (ulong)(32 * slot), 16]);

    public Span<byte> Data(int slot) => _guest[DataAddress(slot), _shape.RequestBytes];

    public ulong DataAddress(int slot) => _data + (ulong)(slot * _shape.RequestBytes);

    /// <summary>Sets the queue up, as an engine does when the guest's driver is ready.</summary>
    public unsafe void Start()
    {
        var client = _owner.Client;
        var place = Ring.Place;
        client.Send(8, VhostClient.Pair(_index, place.Size));
        client.Send(10, VhostClient.Pair(_index, Ring.StartPosition));
        client.Send(9, VhostClient.Bytes(
            _index | (_shape.IsLogged ? 1UL << 32 : 0),
            (ulong)_guest.At(place.Descriptors), (ulong)_guest.At(place.Device), (ulong)_guest.At(place.Driver), place.Device));
        client.Send(13, VhostClient.Bytes(_index), [Call]);
        client.Send(12, VhostClient.Bytes(_index), [Kick]);
        client.Tell(18, VhostClient.Pair(_index, 1));
    }

    /// <summary>Offers a request; the device gets it with the next <see cref="Expose"/>.</summary>
    public void Offer(int slot, uint type, ulong sector, int bytes)
    {
        var header = _headers + (ulong)(32 * slot);
        (Header(slot)[0], Header(slot)[1]) = (type, sector);
        _guest[header + HeaderBytes, 1][0] = 0xFF;
        var status = new DriverBuffer(header + HeaderBytes, 1, true);
        var data = new DriverBuffer(DataAddress(slot), (uint)bytes, type is In or GetId);
        var head = (bytes > 0, _shape.UsesIndirect) switch
        {
            (false, _) => Ring.Add(new DriverBuffer(header, HeaderBytes, false), status),
            (true, false) => Ring.Add(new DriverBuffer(header, HeaderBytes, false), data, status),
            _ => Ring.AddIndirect(_tables + (ulong)(48 * slot), new DriverBuffer(header, HeaderBytes, false), data, status),
        };
        _slotOf[head] = slot;
    }

    /// <summary>Shows the device what was offered, and kicks if it wants that.</summary>
    public void Expose()
    {
        if (Ring.Expose())
        {
            Events.Signal(Kick);
        }
    }

    public bool TryCollect(out int slot, out byte status)
    {
        if (!Ring.TryCollect(out var head, out _))
        {
            (slot, status) = (-1, 0);
            return false;
        }

        slot = _slotOf[head];
        status = _guest[_headers + (ulong)(32 * slot) + HeaderBytes, 1][0];
        return true;
    }

    /// <summary>Sleeps until there is something to collect.</summary>
    public void Wait()
    {
        while (!Ring.Listen())
        {
            Events.Take(Call);
        }
    }

    /// <summary>One request from its begin to its end; its status.</summary>
    public byte Run(uint type, ulong sector, int bytes)
    {
        Offer(0, type, sector, bytes);
        Expose();
        Wait();
        return TryCollect(out _, out var status) ? status : throw new InvalidOperationException("told of a request that isn't done");
    }

    public void Dispose()
    {
        Kick.Dispose();
        Call.Dispose();
    }
}

using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>
/// Where a conversation outlives dom0: a socket connected to itself, which the engine's process inherits and never looks at. What we send
/// waits in it, descriptors and all, for as long as that process lives: the connection stays open, the memory stays shared, and the next
/// dom0 takes the engine's copy of the socket and goes on (docs/adr/0009). One message is the whole state, so a kill never leaves half of
/// it; the newest is the one that counts. Its engine could put anything into it: it is read like anything else that an engine says.
/// </summary>
internal sealed class VhostMailbox : IDisposable
{
    private const int CapacityBytes = 1 << 20;
    private const int LargestMessage = 16 << 10;

    /// <summary>More were never left by us: two, if we are killed between sending one and dropping the one before.</summary>
    private const int MostMessages = 8;

    private readonly byte[] _buffer = new byte[LargestMessage];
    private ulong _generation;

    private VhostMailbox(SafeFileHandle socket)
    {
        Socket = socket;
    }

    public SafeFileHandle Socket { get; }

    public static VhostMailbox Create() => new(UnixSockets.CreateMailbox(CapacityBytes));

    /// <summary>The mailbox that an earlier dom0 gave to an engine.</summary>
    public static VhostMailbox Reopen(SafeFileHandle socket) => new(socket);

    /// <summary>Replaces what is in it. False if it can't hold it, or its engine has spoilt it.</summary>
    public bool Save(VhostState state, SafeFileHandle connection)
    {
        List<SafeFileHandle> descriptors = [connection];
        var message = VhostStateFormat.Write(state, ++_generation, descriptors);
        if (descriptors.Count > UnixSockets.MostDescriptors || !UnixSockets.TrySend(Socket, message, [.. descriptors]))
        {
            return false;
        }

        DropOlder();
        return true;
    }

    public void Clear()
    {
        _generation++;
        DropOlder();
    }

    /// <summary>The newest state, which stays in it; null if there is none that makes sense.</summary>
    public (VhostState State, SafeFileHandle Connection)? Load(int queueCount)
    {
        (VhostState State, SafeFileHandle Connection)? newest = null;
        for (var i = 0; i < MostMessages && TryRead(out var length, out var descriptors, leave: true); i++)
        {
            var message = _buffer.AsSpan(0, length).ToArray();
            var generation = VhostStateFormat.GenerationOf(message);

            // Round and round: it is there again before it is taken, whenever we are killed.
            if (generation <= _generation || !UnixSockets.TrySend(Socket, message, [.. descriptors]))
            {
                descriptors.ForEach(descriptor => descriptor.Dispose());
                break;
            }

            TakeFirst();
            _generation = generation;
            newest?.Connection.Dispose();
            newest?.State.Dispose();
            newest = VhostStateFormat.TryRead(message, queueCount, descriptors);
        }

        return newest;
    }

    public void Dispose() => Socket.Dispose();

    private void DropOlder()
    {
        for (var i = 0; i < MostMessages && TryRead(out var length, out var descriptors, leave: true); i++)
        {
            descriptors.ForEach(descriptor => descriptor.Dispose());
            if (VhostStateFormat.GenerationOf(_buffer.AsSpan(0, length)) >= _generation)
            {
                return;
            }

            TakeFirst();
        }
    }

    private void TakeFirst()
    {
        if (TryRead(out _, out var descriptors, leave: false))
        {
            descriptors.ForEach(descriptor => descriptor.Dispose());
        }
    }

    private bool TryRead(out int length, out List<SafeFileHandle> descriptors, bool leave)
    {
        descriptors = [];
        try
        {
            var received = UnixSockets.Receive(Socket, _buffer, descriptors, leave);
            length = received.Bytes;
            return received is { IsNothingYet: false, IsCutOff: false };
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not the socket that we gave it.
            length = 0;
            return false;
        }
    }
}

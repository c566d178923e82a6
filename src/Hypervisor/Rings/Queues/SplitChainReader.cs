using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>Follows a chain, and once into a table of its own.</summary>
internal unsafe ref struct SplitChainReader(GuestMemory memory, DescriptorChain chain, bool mayBeIndirect, int limit)
{
    private const int DescriptorBytes = 16;
    private const ushort HasNext = 1;
    private const ushort DeviceWrites = 2;
    private const ushort IsIndirect = 4;

    private int _count;

    public QueueFault Read(byte* table, uint tableSize, uint index, bool inIndirect = false)
    {
        while (true)
        {
            if (++_count > limit)
            {
                return QueueFault.ChainTooLong;
            }

            // The only two reads of this descriptor.
            var address = Volatile.Read(ref Unsafe.AsRef<ulong>(table + (index * DescriptorBytes)));
            var rest = Volatile.Read(ref Unsafe.AsRef<ulong>(table + (index * DescriptorBytes) + 8));
            var (length, flags, next) = ((uint)rest, (ushort)(rest >> 32), (ushort)(rest >> 48));
            if ((flags & IsIndirect) != 0)
            {
                return inIndirect ? QueueFault.IndirectInIndirect : ReadIndirect(address, length, flags);
            }

            var fault = chain.Add(memory, address, length, (flags & DeviceWrites) != 0);
            if (fault is not QueueFault.None || (flags & HasNext) == 0)
            {
                return fault;
            }

            if (next >= tableSize)
            {
                return QueueFault.NextOutOfRange;
            }

            index = next;
        }
    }

    private QueueFault ReadIndirect(ulong address, uint length, ushort flags)
    {
        if (!mayBeIndirect)
        {
            return QueueFault.IndirectNotNegotiated;
        }

        if ((flags & HasNext) != 0)
        {
            return QueueFault.IndirectWithNext;
        }

        var table = memory.Translate(address, length);
        if (table == null || length % DescriptorBytes != 0 || (nuint)table % 8 != 0)
        {
            return QueueFault.IndirectTableInvalid;
        }

        // The descriptor of the table is none of the chain's.
        _count--;
        return Read(table, length / DescriptorBytes, 0, inIndirect: true);
    }
}

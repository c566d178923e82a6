using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Memory;

namespace Orchestrator.Hypervisor.Rings.Queues;

/// <summary>Appends a chain's descriptors one by one, and once a table of them, whose entries follow each other without links.</summary>
internal unsafe ref struct PackedChainReader(GuestMemory memory, DescriptorChain chain, bool mayBeIndirect, int limit)
{
    private int _count;

    public QueueFault Append(ulong address, ulong word)
    {
        if (++_count > limit)
        {
            return QueueFault.ChainTooLong;
        }

        var flags = PackedFormat.FlagsOf(word);
        return (flags & PackedFormat.IsIndirect) != 0
            ? AppendTable(address, (uint)word, flags)
            : chain.Add(memory, address, (uint)word, (flags & PackedFormat.DeviceWrites) != 0);
    }

    private QueueFault AppendTable(ulong address, uint length, ushort flags)
    {
        if (!mayBeIndirect)
        {
            return QueueFault.IndirectNotNegotiated;
        }

        if ((flags & PackedFormat.HasNext) != 0)
        {
            return QueueFault.IndirectWithNext;
        }

        var table = memory.Translate(address, length);
        if (table == null || length % PackedFormat.DescriptorBytes != 0 || (nuint)table % 8 != 0)
        {
            return QueueFault.IndirectTableInvalid;
        }

        // The descriptor of the table is none of the chain's.
        _count--;
        for (var end = table + length; table < end; table += PackedFormat.DescriptorBytes)
        {
            // The only two reads of this descriptor.
            var buffer = Volatile.Read(ref Unsafe.AsRef<ulong>(table));
            var word = Volatile.Read(ref Unsafe.AsRef<ulong>(table + PackedFormat.WordAt));
            var entry = PackedFormat.FlagsOf(word);
            var fault = ++_count > limit ? QueueFault.ChainTooLong
                : (entry & PackedFormat.IsIndirect) != 0 ? QueueFault.IndirectInIndirect
                : chain.Add(memory, buffer, (uint)word, (entry & PackedFormat.DeviceWrites) != 0);
            if (fault is not QueueFault.None)
            {
                return fault;
            }
        }

        return QueueFault.None;
    }
}

using System.Runtime.CompilerServices;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Memory;

/// <summary>
/// Which pages of a guest's memory have been written since whoever migrates it last looked: a bit for each page of 4 KiB, in memory that
/// it shares with us and clears at any moment. A bit is set after its page is written, by one locked operation.
/// </summary>
internal sealed unsafe class DirtyPages(byte* bits, ulong bytes)
{
    private const int BitsOfWord = 32;

    // Sound: so many bytes of a mapping that is kept as long as this; Mark never goes beyond them.
    private readonly byte* _bits = bits;

    /// <summary>How many pages have a bit.</summary>
    public ulong Count { get; } = bytes / sizeof(uint) * BitsOfWord;

    public bool Covers(ulong address, ulong length) => length <= Count * SharedMemory.PageBytes && address <= (Count * SharedMemory.PageBytes) - length;

    /// <param name="address">The guest's. What lies beyond the last bit has none.</param>
    public void Mark(ulong address, ulong length)
    {
        if (length == 0)
        {
            return;
        }

        var last = Math.Min((address + (length - 1)) / SharedMemory.PageBytes, Count - 1);
        for (var page = address / SharedMemory.PageBytes; page <= last; page++)
        {
            Interlocked.Or(ref Unsafe.AsRef<uint>(_bits + (page / BitsOfWord * sizeof(uint))), 1u << (int)(page % BitsOfWord));
        }
    }
}

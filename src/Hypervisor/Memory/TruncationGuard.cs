namespace Orchestrator.Hypervisor.Memory;

/// <summary>
/// Watches over mapped files whose owners could cut them off under us. The one who does loses its device; without the guard dom0
/// would die of it, and with it every guest's service.
/// </summary>
internal static unsafe class TruncationGuard
{
    private const int MostRanges = 4096;

    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static byte* _table;

    public static bool IsSupported => BusErrorHandler.IsSupported;

    /// <summary>Null if no more can be watched, or none on this processor.</summary>
    public static Watch? Begin(byte* start, ulong bytes)
    {
        if (!IsSupported)
        {
            return null;
        }

        lock (Gate)
        {
            if (_table is null)
            {
                _table = Interop.Signals.AllocatePages(MostRanges * BusErrorHandler.EntryBytes);
                BusErrorHandler.Install(_table, MostRanges);
                for (var i = MostRanges - 1; i >= 0; i--)
                {
                    Free.Push(i);
                }
            }

            return Free.TryPop(out var index) ? new Watch(index, start, bytes) : null;
        }
    }

    /// <summary>One watched range, until <see cref="End"/>, which must come before the range is unmapped.</summary>
    internal sealed class Watch
    {
        private readonly int _index;

        // Sound: an entry of the table, which lives as long as the process; it is this watch's until it is pushed back.
        private readonly byte* _entry;

        public Watch(int index, byte* start, ulong bytes)
        {
            _index = index;
            _entry = _table + (index * BusErrorHandler.EntryBytes);

            // The handler may look at any moment: an entry means nothing while its length is 0.
            *(ulong*)(_entry + BusErrorHandler.HitOffset) = 0;
            *(ulong*)_entry = (ulong)start;
            Volatile.Write(ref *(ulong*)(_entry + BusErrorHandler.LengthOffset), bytes);
        }

        public bool IsHit => Volatile.Read(ref *(ulong*)(_entry + BusErrorHandler.HitOffset)) != 0;

        public void End()
        {
            lock (Gate)
            {
                Volatile.Write(ref *(ulong*)(_entry + BusErrorHandler.LengthOffset), 0);
                Free.Push(_index);
            }
        }
    }
}

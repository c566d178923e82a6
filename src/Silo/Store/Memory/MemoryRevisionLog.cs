using Orchestrator.Contracts.Ids;

namespace Orchestrator.Silo.Store.Memory;

/// <summary>The revision log of the simulation and of unit tests. Several instances over one <see cref="Disk"/> act as successive writers.</summary>
internal sealed class MemoryRevisionLog(MemoryRevisionLog.Disk disk) : IRevisionLog
{
    private long _epoch;

    /// <summary>What survives a writer's death.</summary>
    internal sealed class Disk
    {
        public Lock Gate { get; } = new();
        public SortedDictionary<Revision, LogRecord> Log { get; } = [];
        public Dictionary<ObjectKey, Revision> Current { get; } = [];
        public Dictionary<string, AcknowledgedRequest> Requests { get; } = [];
        public long Epoch { get; set; }
        public Revision Last { get; set; }
        public Revision Compacted { get; set; }
        public bool Full { get; set; }
    }

    public LogState Open()
    {
        lock (disk.Gate)
        {
            _epoch = ++disk.Epoch;
            return new LogState(_epoch, disk.Last, disk.Compacted);
        }
    }

    public AppendOutcome Append(IReadOnlyList<LogRecord> records, IReadOnlyList<AcknowledgedRequest> requests)
    {
        lock (disk.Gate)
        {
            if (disk.Epoch != _epoch || disk.Last.Next != records[0].Revision) return AppendOutcome.Fenced;
            if (disk.Full) return AppendOutcome.Full;
            foreach (var record in records)
            {
                disk.Log.Add(record.Revision, record);
                if (record.Operation == WriteOperation.Delete) disk.Current.Remove(record.Key);
                else disk.Current[record.Key] = record.Revision;
            }

            foreach (var request in requests) disk.Requests.TryAdd(request.Id, request);
            disk.Last = records[^1].Revision;
            return AppendOutcome.Committed;
        }
    }

    public IEnumerable<LogRecord> ReadCurrent()
    {
        lock (disk.Gate) return disk.Current.Values.Order().Select(revision => disk.Log[revision]).ToArray();
    }

    public IEnumerable<LogRecord> ReadAfter(Revision after)
    {
        lock (disk.Gate) return disk.Log.Values.Where(record => record.Revision > after).ToArray();
    }

    public AcknowledgedRequest? FindRequest(string id)
    {
        lock (disk.Gate) return disk.Requests.TryGetValue(id, out var request) ? request : null;
    }

    public bool Compact(Revision upTo, DateTimeOffset requestsBefore)
    {
        lock (disk.Gate)
        {
            foreach (var record in disk.Log.Values.Where(record => record.Revision > disk.Compacted && record.Revision <= upTo).ToArray())
            {
                disk.Log.Remove(record.Previous);
                if (record.Operation == WriteOperation.Delete) disk.Log.Remove(record.Revision);
            }

            foreach (var old in disk.Requests.Where(request => request.Value.At < requestsBefore).ToArray()) disk.Requests.Remove(old.Key);
            if (upTo > disk.Compacted) disk.Compacted = upTo;
            return true;
        }
    }

    public void Dispose()
    {
    }
}

using System.Text;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Tests.Store;

/// <summary>What every revision log promises. Each implementation passes all of it.</summary>
public abstract class RevisionLogConformance : IDisposable
{
    private static readonly ResourceId Pods = new("", "pods");

    /// <summary>Opens the same storage anew, as a successor of the writer before.</summary>
    internal abstract IRevisionLog Reopen();

    /// <summary>Another writer takes the log over behind this one's back.</summary>
    internal abstract void TakeOver();

    public abstract void Dispose();

    [Fact]
    public void A_new_log_is_empty()
    {
        using var log = Reopen();
        var state = log.Open();
        Assert.Equal(Revision.None, state.Last);
        Assert.Equal(Revision.None, state.Compacted);
        Assert.Empty(log.ReadCurrent());
        Assert.Empty(log.ReadAfter(Revision.None));
    }

    [Fact]
    public void What_was_appended_is_there_after_a_restart()
    {
        using (var log = Reopen())
        {
            log.Open();
            Assert.Equal(AppendOutcome.Committed, log.Append([Put(1, "a", "1"), Put(2, "b", "2")], []));
            Assert.Equal(AppendOutcome.Committed, log.Append([Put(3, "a", "3", previous: 1)], []));
        }

        using var successor = Reopen();
        Assert.Equal(new Revision(3), successor.Open().Last);
        Assert.Equal([("b", 2L, "2"), ("a", 3L, "3")], successor.ReadCurrent().Select(Describe));
        Assert.Equal([("b", 2L, "2"), ("a", 3L, "3")], successor.ReadAfter(new Revision(1)).Select(Describe));
    }

    [Fact]
    public void A_key_that_one_append_writes_many_times_ends_where_the_last_record_leaves_it()
    {
        using var log = Reopen();
        log.Open();
        Assert.Equal(AppendOutcome.Committed, log.Append(
            [Put(1, "a", "1"), Put(2, "a", "2", previous: 1), Delete(3, "a", previous: 2), Put(4, "b", "4"), Delete(5, "b", previous: 4), Put(6, "b", "6")], []));
        Assert.Equal(AppendOutcome.Committed, log.Append([Delete(7, "b", previous: 6), Put(8, "c", "8")], []));
        Assert.Equal([("c", 8L, "8")], log.ReadCurrent().Select(Describe));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), log.ReadAfter(Revision.None).Select(record => record.Revision.Value));
    }

    [Fact]
    public void A_batch_of_large_and_odd_values_comes_back_as_it_was()
    {
        using var log = Reopen();
        log.Open();
        var values = Enumerable.Range(1, 512).Select(i => new byte[i % 7 == 0 ? 0 : i * 37 % 5000]).ToArray();
        for (var i = 0; i < values.Length; i++) Array.Fill(values[i], (byte)i);
        var records = values.Select((value, i) => new LogRecord(new Revision(i + 1), Key($"né-{i}"), WriteOperation.Create, Revision.None, value)).ToArray();
        Assert.Equal(AppendOutcome.Committed, log.Append(records, []));
        Assert.Equal(records.Select(record => (record.Key, Convert.ToHexString(record.Value.Span))), log.ReadCurrent().Select(record => (record.Key, Convert.ToHexString(record.Value.Span))));
    }

    [Fact]
    public void A_request_that_comes_twice_keeps_its_first_answer()
    {
        using var log = Reopen();
        log.Open();
        log.Append([Put(1, "a", "1")], [Request("r", 1, "a")]);
        Assert.Equal(AppendOutcome.Committed, log.Append([Put(2, "b", "2")], [Request("r", 2, "b")]));
        Assert.Equal(Key("a"), log.FindRequest("r")?.Key);
    }

    [Fact]
    public void A_deleted_key_is_not_current_and_its_delete_is_in_the_history()
    {
        using var log = Reopen();
        log.Open();
        log.Append([Put(1, "a", "1"), Put(2, "b", "2")], []);
        log.Append([Delete(3, "a", previous: 1)], []);
        Assert.Equal(["b"], log.ReadCurrent().Select(record => record.Key.Name));
        var delete = Assert.Single(log.ReadAfter(new Revision(2)));
        Assert.Equal((WriteOperation.Delete, 1L), (delete.Operation, delete.Previous.Value));
    }

    [Fact]
    public void A_successor_fences_the_writer_before()
    {
        using var log = Reopen();
        log.Open();
        log.Append([Put(1, "a", "1")], []);
        TakeOver();
        Assert.Equal(AppendOutcome.Fenced, log.Append([Put(2, "a", "stolen", previous: 1)], []));
        log.Open();
        Assert.Equal("1", Describe(Assert.Single(log.ReadCurrent())).Value);
        Assert.Equal(AppendOutcome.Committed, log.Append([Put(2, "a", "2", previous: 1)], []));
    }

    [Fact]
    public void Revisions_that_leave_a_gap_or_repeat_are_refused_whole()
    {
        using var log = Reopen();
        log.Open();
        log.Append([Put(1, "a", "1")], []);
        Assert.Equal(AppendOutcome.Fenced, log.Append([Put(3, "b", "3")], []));
        Assert.Equal(AppendOutcome.Fenced, log.Append([Put(1, "b", "1")], []));
        Assert.Equal(["a"], log.ReadCurrent().Select(record => record.Key.Name));
        Assert.Equal(AppendOutcome.Committed, log.Append([Put(2, "b", "2")], []));
    }

    [Fact]
    public void A_request_is_remembered_with_what_it_wrote()
    {
        using (var log = Reopen())
        {
            log.Open();
            log.Append([Put(1, "a", "1"), Put(2, "b", "2")], [Request("r-2", 2, "b")]);
        }

        using var successor = Reopen();
        successor.Open();
        Assert.Equal(Request("r-2", 2, "b"), successor.FindRequest("r-2"));
        Assert.Null(successor.FindRequest("r-1"));
    }

    [Fact]
    public void Compaction_keeps_the_newest_version_of_each_key_and_the_window()
    {
        using var log = Reopen();
        log.Open();
        log.Append([Put(1, "a", "1"), Put(2, "b", "2")], [Request("r-1", 1, "a")]);
        log.Append([Put(3, "a", "3", previous: 1), Put(4, "c", "4")], []);
        log.Append([Delete(5, "c", previous: 4)], []);
        log.Append([Put(6, "a", "6", previous: 3)], [Request("r-6", 6, "a")]);

        log.Compact(new Revision(5), Time(6));

        Assert.Equal([("b", 2L, "2"), ("a", 6L, "6")], log.ReadCurrent().Select(Describe));
        // Version 3 is superseded by 6, which is in the window: history after 5 is whole.
        Assert.Equal([2L, 3L, 6L], log.ReadAfter(Revision.None).Select(record => record.Revision.Value));
        Assert.Null(log.FindRequest("r-1"));
        Assert.Equal(Key("a"), log.FindRequest("r-6")?.Key);

        log.Append([Put(7, "b", "7", previous: 2)], []);
        log.Compact(new Revision(7), Time(6));
        Assert.Equal([6L, 7L], log.ReadAfter(Revision.None).Select(record => record.Revision.Value));
    }

    [Fact]
    public void A_successor_knows_what_was_compacted()
    {
        using (var log = Reopen())
        {
            log.Open();
            log.Append([Put(1, "a", "1"), Put(2, "a", "2", previous: 1)], []);
            log.Compact(new Revision(1), Time(0));
        }

        using var successor = Reopen();
        Assert.Equal(new Revision(1), successor.Open().Compacted);
    }

    /// <summary>A request that wrote this revision at as many seconds.</summary>
    private static AcknowledgedRequest Request(string id, long revision, string key) => new(id, $"create {key}", Time(revision), new Revision(revision), Key(key));

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static ObjectKey Key(string name) => new(Pods, "default", name);

    private static LogRecord Put(long revision, string name, string value, long previous = 0) => new(
        new Revision(revision), Key(name), previous == 0 ? WriteOperation.Create : WriteOperation.Update, new Revision(previous), Encoding.UTF8.GetBytes(value));

    private static LogRecord Delete(long revision, string name, long previous) =>
        new(new Revision(revision), Key(name), WriteOperation.Delete, new Revision(previous), default);

    private static (string Name, long Revision, string Value) Describe(LogRecord record) =>
        (record.Key.Name, record.Revision.Value, Encoding.UTF8.GetString(record.Value.Span));
}

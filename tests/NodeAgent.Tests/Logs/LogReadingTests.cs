using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.NodeAgent.Logs;

namespace Orchestrator.NodeAgent.Tests.Logs;

public sealed class LogReadingTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _directory = Directory.CreateTempSubdirectory("oct-logs").FullName;
    private readonly FakeTimeProvider _time = new();

    private string Log => Path.Join(_directory, "0.log");

    [Fact]
    public async Task Pieces_of_a_line_become_one_and_carry_one_time()
    {
        await File.WriteAllTextAsync(Log, "2026-01-01T00:00:00Z stdout P long \n2026-01-01T00:00:01Z stdout F line\n2026-01-01T00:00:02Z stderr F other\n");
        Assert.Equal("long line\nother\n", await ReadAsync());
        Assert.Equal("2026-01-01T00:00:00Z long line\n2026-01-01T00:00:02Z other\n", await ReadAsync(timestamps: true));
        Assert.Equal("line\nother\n", await ReadAsync(since: Start + TimeSpan.FromSeconds(1)));
        Assert.Equal("long line\nother\n", await ReadAsync(tail: 2));
    }

    [Fact]
    public async Task What_is_no_entry_is_left_out()
    {
        await File.WriteAllTextAsync(Log, "rubbish\n\n2026 stdout\n2026-01-01T00:00:00Z stdlog F no\n2026-01-01T00:00:00Z stdout F yes\n2026-01-01T00:00:00Z stdout F torn");
        Assert.Equal("yes\n", await ReadAsync());
    }

    [Fact]
    public async Task No_file_is_an_answer() => Assert.False(await new LogFollower(_time).ReadAsync(Query(), (_, _) => ValueTask.CompletedTask, CancellationToken.None));

    /// <summary>Against the plain way: read all lines, take the last ones.</summary>
    [Fact]
    public void Any_tail_of_any_log_is_its_last_lines()
        => Gen.Select(Gen.Select(Gen.Int[0, 4], Gen.Int[0, 40_000]).Array[0, 30], Gen.Long[0, 40]).Holds(sample =>
        {
            var (shapes, tail) = sample;
            var (file, lines) = (new StringBuilder(), new List<string>());
            foreach (var (pieces, length) in shapes)
            {
                var text = new string((char)('a' + (lines.Count % 26)), length);
                for (var i = 0; i < pieces; i++) file.Append($"2026-01-01T00:00:00Z stdout P {text}\n");
                file.Append($"2026-01-01T00:00:00Z stdout F {text}\n");
                lines.Add(string.Concat(Enumerable.Repeat(text, pieces + 1)) + "\n");
            }

            File.WriteAllText(Log, file.ToString());
            Assert.Equal(string.Concat(lines.TakeLast((int)tail)), ReadAsync(tail: tail).GetAwaiter().GetResult());
        }, iter: 60, threads: 1);

    [Fact]
    public async Task Following_reads_what_is_written_until_the_writer_ends()
    {
        await File.WriteAllTextAsync(Log, "2026-01-01T00:00:00Z stdout F one\n");
        var (output, ended) = (new StringBuilder(), false);
        var query = Query() with { Follow = true, Ended = _ => Task.FromResult(ended) };
        var reading = new LogFollower(_time).ReadAsync(query, (text, _) => Append(output, text), CancellationToken.None);
        await File.AppendAllTextAsync(Log, "2026-01-01T00:00:01Z stdout F tw");
        await File.AppendAllTextAsync(Log, "o\n");
        ended = true;
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await reading);
        Assert.Equal("one\ntwo\n", output.ToString());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<string> ReadAsync(long? tail = null, DateTimeOffset? since = null, bool timestamps = false)
    {
        var output = new StringBuilder();
        Assert.True(await new LogFollower(_time).ReadAsync(
            Query() with { TailLines = tail, Since = since, Timestamps = timestamps }, (text, _) => Append(output, text), CancellationToken.None));
        return output.ToString();
    }

    private LogQuery Query() => new(Log, false, null, null, false, _ => Task.FromResult(true));

    private static ValueTask Append(StringBuilder output, ReadOnlyMemory<byte> text)
    {
        output.Append(Encoding.UTF8.GetString(text.Span));
        return ValueTask.CompletedTask;
    }
}

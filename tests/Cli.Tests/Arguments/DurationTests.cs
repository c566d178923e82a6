using CsCheck;
using Orchestrator.Cli.Arguments;

namespace Orchestrator.Cli.Tests.Arguments;

public sealed class DurationTests
{
    [Theory]
    [InlineData("10s", 10)]
    [InlineData("1h30m", 5400)]
    [InlineData("250ms", 0.25)]
    [InlineData("1.5m", 90)]
    [InlineData("30", 30)]
    [InlineData("0", 0)]
    [InlineData("-1", -1)]
    [InlineData("-2m", -120)]
    public void Go_durations_are_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("s")]
    [InlineData("10x")]
    [InlineData("1h30")]
    [InlineData("1.2.3s")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999h")]
    public void Anything_else_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void Hours_minutes_and_seconds_add_up() =>
        Gen.Select(Gen.Int[0, 500], Gen.Int[0, 59], Gen.Int[0, 59]).Holds((h, m, s) =>
            Duration.TryParse($"{h}h{m}m{s}s", out var duration) && duration == new TimeSpan(h, m, s));
}

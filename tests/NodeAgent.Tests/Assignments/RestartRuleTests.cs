using CsCheck;
using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Tests.Assignments;

public sealed class RestartRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DesiredUnit Unit = new("main", "image:1", PullPolicy.IfNotPresent);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(5, 160)]
    [InlineData(6, 300)]
    [InlineData(1_000_000, 300)]
    public void Delays_double_up_to_five_minutes(int step, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), RestartRule.Delay(step));

    [Fact]
    public void Nothing_yet_is_started_and_a_created_run_is_started_as_it_is()
    {
        Assert.Equal(new UnitStep.Start(0, 0), Decide(null, RestartPolicy.Never));
        Assert.Equal(new UnitStep.Start(4, 2), Decide(Run(UnitState.Created, 4, 2), RestartPolicy.Always));
    }

    [Fact]
    public void A_long_run_starts_over()
    {
        var run = Run(UnitState.Exited, 7, 6) with { FinishedAt = Start + TimeSpan.FromMinutes(11), ExitCode = 1 };
        Assert.Equal(new UnitStep.Start(8, 1), RestartRule.Decide(Unit, run, RestartPolicy.Always, Start + TimeSpan.FromMinutes(11)));
    }

    [Fact]
    public void Halting_stops_what_runs_and_starts_nothing()
    {
        Assert.IsType<UnitStep.Stop>(Decide(Run(UnitState.Running, 0, 0), RestartPolicy.Halted));
        Assert.IsType<UnitStep.Leave>(Decide(null, RestartPolicy.Halted));
        Assert.IsType<UnitStep.Leave>(Decide(Run(UnitState.Exited, 0, 0), RestartPolicy.Halted));
    }

    [Fact]
    public void Another_image_ends_the_run_and_the_next_starts_at_once()
    {
        Assert.IsType<UnitStep.Stop>(Decide(Run(UnitState.Running, 0, 0) with { Image = "image:0" }, RestartPolicy.Always));
        var ended = Run(UnitState.Exited, 3, 5) with { Image = "image:0", ExitCode = 143 };
        Assert.Equal(new UnitStep.Start(4, 1), Decide(ended, RestartPolicy.Always));
    }

    [Fact]
    public void By_policy_and_exit_code_alone_it_is_decided_whether_to_run_again()
        => Gen.Select(Gen.Int[0, 255], Gen.Enum<RestartPolicy>(), Gen.Int[0, 40], Gen.Int[0, 100_000]).Holds((exitCode, policy, step, later) =>
        {
            var run = Run(UnitState.Exited, 3, step) with { ExitCode = exitCode };
            var again = policy == RestartPolicy.Always || (policy == RestartPolicy.OnFailure && exitCode != 0);
            var now = run.FinishedAt!.Value + TimeSpan.FromSeconds(later);
            var decided = RestartRule.Decide(Unit, run, policy, now);
            if (!again) return decided is UnitStep.Leave;
            return later >= RestartRule.Delay(step).TotalSeconds
                ? decided == new UnitStep.Start(4, step + 1)
                : decided is UnitStep.Wait wait && wait.Until == run.FinishedAt + RestartRule.Delay(step) && wait.Until > now;
        });

    private static UnitStep Decide(UnitRun? run, RestartPolicy policy) => RestartRule.Decide(Unit, run, policy, Start + TimeSpan.FromMinutes(1));

    private static UnitRun Run(UnitState state, int attempt, int step) => new()
    {
        Unit = "main",
        Attempt = attempt,
        Id = "id",
        State = state,
        Image = "image:1",
        BackOffStep = step,
        StartedAt = Start,
        FinishedAt = state == UnitState.Exited ? Start + TimeSpan.FromSeconds(1) : null,
    };
}

using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.PolicyV1;
using Orchestrator.Silo.Scheduling;

namespace Orchestrator.Silo.Tests.Scheduling;

public sealed class BudgetsTests
{
    [Theory]
    [InlineData("2", "", 3, 3, 1)]        // minAvailable
    [InlineData("2", "", 3, 2, 0)]
    [InlineData("2", "", 3, 1, 0)]        // below already
    [InlineData("50%", "", 7, 7, 3)]      // half of 7 is 4, rounded up
    [InlineData("100%", "", 3, 3, 0)]
    [InlineData("0", "", 3, 3, 3)]
    [InlineData("", "1", 3, 3, 1)]        // maxUnavailable
    [InlineData("", "1", 3, 2, 0)]
    [InlineData("", "30%", 10, 10, 3)]
    [InlineData("", "30%", 7, 7, 3)]      // 2.1, rounded up
    [InlineData("", "5", 3, 3, 3)]
    [InlineData("", "", 3, 3, 3)]         // no limit
    public void What_is_healthy_beyond_what_must_be_may_end(string minAvailable, string maxUnavailable, int expected, int healthy, int allowed) =>
        Assert.Equal(allowed, Budgets.Allowed(
            new PodDisruptionBudgetSpec { MinAvailable = Limit(minAvailable), MaxUnavailable = Limit(maxUnavailable) }, expected, healthy));

    private static IntOrString? Limit(string text) => text switch
    {
        "" => null,
        _ when text.EndsWith('%') => new IntOrString { StringValue = text },
        _ => new IntOrString { IntValue = int.Parse(text) },
    };
}

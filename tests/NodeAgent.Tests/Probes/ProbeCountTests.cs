using CsCheck;
using Orchestrator.NodeAgent.Probes;

namespace Orchestrator.NodeAgent.Tests.Probes;

public sealed class ProbeCountTests
{
    [Fact]
    public void The_last_row_that_was_long_enough_decides()
        => Gen.Select(Gen.Bool.Array[0, 30], Gen.Int[1, 4], Gen.Int[1, 4]).Holds((outcomes, successes, failures) =>
        {
            var count = new ProbeCount(successes, failures);
            for (var i = 0; i < outcomes.Length; i++)
            {
                count.Add(outcomes[i]);
                Assert.Equal(!outcomes[i] && (i == 0 || outcomes[i - 1]), count.BeganToFail);
            }

            bool? decided = null;
            for (var i = 0; i < outcomes.Length; i++)
            {
                var threshold = outcomes[i] ? successes : failures;
                if (i + 1 >= threshold && outcomes[(i + 1 - threshold)..(i + 1)].All(outcome => outcome == outcomes[i])) decided = outcomes[i];
            }

            Assert.Equal(decided, count.Healthy);
        });
}

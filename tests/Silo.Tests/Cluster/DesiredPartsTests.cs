using Orchestrator.Agents.V1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Hosts;

namespace Orchestrator.Silo.Tests.Cluster;

public sealed class DesiredPartsTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(9, 3)]
    public void Four_assignments_fit_into_a_part_and_only_the_last_part_is_the_end(int assignments, int parts)
    {
        var all = Enumerable.Range(0, assignments).Select(i => Of($"pod-{i}", payload: 200)).ToArray();
        var cut = DesiredParts.Of(all, partBytes: 1000).ToArray();
        Assert.Equal(parts, cut.Length);
        Assert.Equal(all, cut.SelectMany(part => part.Assignments));
        Assert.All(cut[..^1], part => Assert.True(part.More));
        Assert.False(cut[^1].More);
        Assert.All(cut, part => Assert.True(part.CalculateSize() <= 1100));
    }

    [Fact]
    public void An_assignment_that_is_larger_than_a_part_has_one_for_itself()
    {
        var cut = DesiredParts.Of([Of("small", 10), Of("large", 5000), Of("last", 10)], partBytes: 1000).ToArray();
        Assert.Equal(["small", "large", "last"], cut.Select(part => Assert.Single(part.Assignments).Pod.Metadata.Name));
    }

    private static Assignment Of(string name, int payload) =>
        new() { Pod = new Pod { Metadata = new ObjectMeta { Name = name, Annotations = { ["payload"] = new string('x', payload) } } } };
}

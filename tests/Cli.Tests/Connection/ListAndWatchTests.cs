using Orchestrator.Api.V1;
using Orchestrator.Cli.Tests.Commands;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Connection;

public sealed class ListAndWatchTests : ServerTest
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_that_is_gone_is_listed_anew_and_each_difference_told_once()
    {
        foreach (var name in new[] { "changed", "replaced", "removed", "same" }) PutPod(name);
        Server.Objects.CompactedTo = 4;
        Server.Objects.GoneSeen = () =>
        {
            PutPod("changed", "Failed");
            Server.Objects.Remove("Pod", "removed");
            Server.Objects.Remove("Pod", "replaced");
            PutPod("replaced");
            PutPod("new");
        };
        // The watch after the new list breaks too, and goes on where it was.
        Server.Objects.WatchBegun = () => PutPod("late");
        Server.Objects.WatchBreaksAfter = 1;
        using var client = ClusterClient.Open(ClusterAddress.Parse(Server.Address));
        var told = new List<string>();
        await foreach (var change in client.FollowAsync(new WatchRequest { Resource = FakeObjects.Pod.Resource, Form = Form.Table }, Limit))
        {
            told.Add($"{change.Type} {change.Object?.Name}".TrimEnd());
            if (told.Count(line => line == "Modified late") == 1) break;
        }

        Assert.Equal(
            [
                "Added changed", "Added removed", "Added replaced", "Added same", "Bookmark",
                "Deleted removed", "Deleted replaced", "Modified changed", "Added new", "Added replaced", "Bookmark",
                "Added late", "Modified late",
            ],
            told);
    }
}

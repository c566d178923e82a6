using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Benchmarks.Reporting;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Benchmarks.Skeleton;

/// <summary>
/// From Apply until a watch shows the pod Running, less what the same CRI calls take without us on the same containerd.
/// The two alternate, so that a noisy moment of the machine meets both.
/// </summary>
internal static class PodStart
{
    private const int Runs = 21;

    public static async IAsyncEnumerable<Figure> MeasureAsync(BenchCluster cluster)
    {
        var peer = new CriPeer(cluster);
        List<double> ours = [], alone = [];
        for (var run = 0; run <= Runs; run++)
        {
            var calls = await peer.StartPodAsync($"bench-cri-{run}");
            var pod = await StartPodAsync(cluster, $"bench-pod-{run}");
            if (run == 0) continue; // The first one warms both up.
            alone.Add(calls);
            ours.Add(pod);
        }
        yield return new Figure("apply to Running, median of 21", Samples.Median(ours), "ms") { Peer = Samples.Median(alone), PeerName = "the same CRI calls alone" };
        yield return new Figure("apply to Running less the CRI calls alone", Samples.Median(ours) - Samples.Median(alone), "ms") { Goal = 40 };
    }

    private static async Task<double> StartPodAsync(BenchCluster cluster, string name)
    {
        var pods = new ResourceName { Resource = "pods" };
        using var watch = cluster.Objects.Watch(new WatchRequest { Resource = pods, Namespace = "default", Name = name, Form = Form.Proto, AllowBookmarks = true });
        // The first bookmark ends what exists: from here on the watch is live.
        while (await watch.ResponseStream.MoveNext() && watch.ResponseStream.Current.Type != WatchEvent.Types.Type.Bookmark) { }

        var started = TimeProvider.System.GetTimestamp();
        await cluster.Objects.ApplyAsync(new ApplyRequest { Manifest = new Manifest { Proto = Any.Pack(Pod(name)) }, DefaultNamespace = "default", Form = Form.Proto });
        await foreach (var change in watch.ResponseStream.ReadAllAsync())
        {
            if (change.Object?.Proto is { } any && Objects.CoreV1.Pod.Parser.ParseFrom(any.Value).Status?.Phase == "Running") break;
        }
        var milliseconds = Samples.MillisecondsSince(started);

        await cluster.Objects.DeleteAsync(new DeleteRequest { Resource = pods, Namespace = "default", Name = name });
        await foreach (var change in watch.ResponseStream.ReadAllAsync())
        {
            if (change.Type == WatchEvent.Types.Type.Deleted) break;
        }
        return milliseconds;
    }

    private static Pod Pod(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new PodSpec
        {
            TerminationGracePeriodSeconds = 5,
            Containers = { new Objects.CoreV1.Container { Name = "main", Image = BenchCluster.Image, ImagePullPolicy = "IfNotPresent" } },
        },
    };
}

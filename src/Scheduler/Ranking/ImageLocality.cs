using System.Numerics;
using Orchestrator.Scheduler.Planning;
using Orchestrator.Scheduler.Snapshot;

namespace Orchestrator.Scheduler.Ranking;

/// <summary>
/// Prefers hosts that have the workload's images, the large ones above all: Kubernetes' figures. An image counts by the part of all
/// hosts that have it, so that not every replica runs to the one host that pulled it first.
/// </summary>
internal sealed class ImageLocality : RankingRule
{
    private const long LeastBytes = 23L << 20;
    private const long MostBytesOfOne = 1000L << 20;

    /// <summary>What a host says of an image is bounded, so that a product of it still is a number.</summary>
    private const long MostBytes = 1L << 40;

    /// <summary>An image of the workload as some hosts have it, and how many bytes it counts for.</summary>
    internal readonly record struct Image(int Id, long Bytes);

    public override string Name => nameof(ImageLocality);

    public override int Weight => 8;

    public override int Score(HostBlock block, int slot, CompiledWorkload workload)
    {
        if (workload.Images.Length == 0) return 0;
        var bytes = 0L;
        foreach (var image in workload.Images)
            if ((block.Images[image.Id] >> slot & 1) == 1) bytes += image.Bytes;
        var most = MostBytesOfOne * workload.Demand.Images.Count;
        return (int)(MaximumScore * (Math.Clamp(bytes, LeastBytes, most) - LeastBytes) / (most - LeastBytes));
    }

    /// <summary>The images that some host has.</summary>
    public static Image[] Compile(ValueList<string> references, Draft draft)
    {
        var known = draft.Symbols.Images.Symbols;
        if (references.Count == 0 || known.Length == 0) return [];
        var names = references.Select(HostImage.Normal).ToHashSet(StringComparer.Ordinal);
        var ids = Enumerable.Range(0, known.Length).Where(id => names.Contains(known[id].Name)).ToArray();
        var hosts = names.ToDictionary(name => name, name => HostsWith(ids.Where(id => known[id].Name == name), draft));
        return ids.Select(id => new Image(id, Math.Min(known[id].SizeBytes, MostBytes) * hosts[known[id].Name] / Math.Max(1, draft.HostCount))).ToArray();
    }

    private static int HostsWith(IEnumerable<int> ids, Draft draft)
    {
        var count = 0;
        foreach (var block in draft.Blocks) count += BitOperations.PopCount(ids.Aggregate(0UL, (hosts, id) => hosts | block.Images[id]));
        return count;
    }
}

using Orchestrator.Contracts.Ids;
using Orchestrator.Scheduler;
using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Load;

/// <summary>
/// What goes wrong, and what people do: hosts fall silent and come back, are gone for good and replaced, are cordoned; workloads end
/// before their time; some that wait become more important. By a seed.
/// </summary>
internal sealed class Faults(World.Simulation world, int seed)
{
    private readonly Random _random = new(seed);
    private int _replaced;

    /// <summary>So many, at moments all over the time.</summary>
    public void Plan(int count, long within)
    {
        for (var fault = 0; fault < count; fault++) world.Time.At(_random.NextInt64(within), Strike);
    }

    private void Strike()
    {
        var hosts = world.Cluster.Snapshot.Hosts.OrderBy(host => host.Name.Value, StringComparer.Ordinal).ToArray();
        if (hosts.Length == 0) return;
        var host = hosts[_random.Next(hosts.Length)];
        switch (_random.Next(6))
        {
            case 0:
                For(host.Name, one => one with { Ready = false }, one => one with { Ready = true });
                break;
            case 1:
                For(host.Name, one => one with { Unschedulable = true }, one => one with { Unschedulable = false });
                break;
            case 2:
                world.Lose(host.Name);
                var name = $"{host.Name}-{_replaced++}";
                var labels = host.Labels.Select(label => label.Key == HostShapes.HostName ? label with { Value = name } : label).ToValueList();
                world.Time.After(_random.Next(120_000), () => world.Put(host with { Name = new HostName(name), Labels = labels, Ready = true, Unschedulable = false }));
                break;
            case 3:
            case 4:
                if (Any(world.Cluster.Bound) is { } bound) world.End(bound.Workload.Key, bound.Workload.Uid);
                break;
            default:
                if (Any(world.Cluster.Pending) is { } waiting) world.Change(waiting with { Priority = waiting.Priority + _random.Next(1, 100) });
                break;
        }
    }

    private void For(HostName name, Func<HostView, HostView> begin, Func<HostView, HostView> end)
    {
        Change(name, begin);
        world.Time.After(_random.Next(300_000), () => Change(name, end));
    }

    private void Change(HostName name, Func<HostView, HostView> change)
    {
        if (world.Cluster.Snapshot.Find(name) is { } host) world.Put(change(host));
    }

    private T? Any<T>(IReadOnlyCollection<T> of) where T : class => of.Count == 0 ? null : of.ElementAt(_random.Next(of.Count));
}

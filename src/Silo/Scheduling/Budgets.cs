using System.Globalization;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Objects.PolicyV1;
using Orchestrator.Scheduler;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Scheduling;

/// <summary>
/// What each PodDisruptionBudget allows now: of the pods that it selects, the healthy ones beyond those that must be. Percentages are of
/// the pods that there are.
/// </summary>
internal sealed class Budgets(ObjectCache cache)
{
    private static readonly Kind Kind = KindCatalog.Of<PodDisruptionBudget>();

    public DisruptionBudgets Read()
    {
        var objects = cache[Kind].Current.Objects;
        return objects.Count == 0 ? DisruptionBudgets.None : new DisruptionBudgets(objects.Select(Read).ToList());
    }

    /// <summary>The budgets that guard a pod, by name, and how many of the pods they guard may end now.</summary>
    public IReadOnlyList<(string Name, int Allowed)> Guarding(StoredObject pod) =>
    [
        .. from budget in cache[Kind].Current.In(pod.Key.Namespace)
           where Selects(Selection.From(SpecOf(budget).Selector), pod)
           select (budget.Key.Name, Read(budget).Allowed),
    ];

    private static PodDisruptionBudgetSpec SpecOf(StoredObject budget) => budget.As<PodDisruptionBudget>().Spec ?? new PodDisruptionBudgetSpec();

    private DisruptionBudget Read(StoredObject stored)
    {
        var spec = SpecOf(stored);
        var selection = Selection.From(spec.Selector);
        var pods = cache[WorkloadGrains.Pods].Current.In(stored.Key.Namespace).Where(pod => !WorkloadState.Of(pod).Ended && Selects(selection, pod)).ToList();
        return new DisruptionBudget(stored.Key, selection, Allowed(spec, pods.Count, pods.Count(Healthy)));
    }

    /// <summary>With neither limit nothing is guarded.</summary>
    internal static int Allowed(PodDisruptionBudgetSpec spec, int expected, int healthy)
    {
        var desired = spec.MinAvailable is { } least ? Count(least, expected) : spec.MaxUnavailable is { } most ? expected - Count(most, expected) : 0;
        return Math.Max(0, healthy - Math.Max(0, desired));
    }

    /// <summary>A number, or a percentage rounded up, as Kubernetes rounds both limits.</summary>
    private static int Count(IntOrString limit, int expected)
    {
        if (limit.ValueCase == IntOrString.ValueOneofCase.IntValue) return limit.IntValue;
        var percent = decimal.TryParse(limit.StringValue.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return (int)Math.Ceiling(percent * expected / 100);
    }

    private static bool Selects(Selection? selection, StoredObject pod) =>
        selection?.Selects(pod.Metadata.Labels.Select(label => new Label(label.Key, label.Value)).ToValueList()) == true;

    private static bool Healthy(StoredObject pod) => !pod.Terminating
        && pod.As<Pod>().Status?.Conditions.Any(condition => condition is { Type: Conditions.Ready, Status: "True" }) == true;
}

using System.Collections.Frozen;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Scheduler.Tests;

/// <summary>Hosts and workloads in few words: a host of 4 cores, 16 GiB and 110 workloads; a workload that asks for nothing.</summary>
internal static class Make
{
    public const long Mebi = 1L << 20;
    public const long Gibi = 1L << 30;

    public static ResourceVector Amounts(long milliCpu = 0, long memory = 0, long ephemeral = 0, long pods = 0, params ExtendedAmount[] extended) =>
        new() { MilliCpu = milliCpu, MemoryBytes = memory, EphemeralBytes = ephemeral, Pods = pods, Extended = extended.ToValueList() };

    public static HostView Host(string name) => new(
        new HostName(name), Ready: true, Unschedulable: false, Labels: [], Taints: [],
        Allocatable: Amounts(4000, 16 * Gibi, 100 * Gibi, 110), Used: default, RuntimeClasses: ["container"]);

    public static WorkloadView Workload(string name = "web") => new(
        new ObjectKey(new ResourceId("", "pods"), "default", name), $"uid-{name}", Amounts(pods: 1), NodeName: "", Selector: [],
        Tolerations: [], RuntimeClass: "container", Priority: 0, Sequence: 0)
    {
        Traits = new WorkloadTraits { Namespace = "default" },
    };

    /// <summary>The host with these workloads on it, their requests in its use.</summary>
    public static HostView With(this HostView host, params WorkloadView[] workloads) => host.With(Array.ConvertAll(workloads, Resident.Of));

    /// <summary>The workload with these labels.</summary>
    public static WorkloadView Labelled(this WorkloadView workload, params string[] pairs) =>
        workload with { Traits = workload.Traits with { Labels = Labels(pairs) } };

    /// <summary><c>app=web</c>, <c>app!=web</c>, <c>app in a|b</c>, <c>app notin a|b</c>, <c>app</c>, <c>!app</c>, <c>size &gt; 3</c>.</summary>
    public static LabelRequirement Requirement(string text)
    {
        string[] words = text.Split(' ');
        if (words.Length == 3)
        {
            var by = words[1] switch { "in" => LabelOperator.In, "notin" => LabelOperator.NotIn, ">" => LabelOperator.Gt, _ => LabelOperator.Lt };
            return new LabelRequirement(words[0], by, words[2].Split('|').ToValueList());
        }

        if (text[0] == '!') return new LabelRequirement(text[1..], LabelOperator.DoesNotExist, []);
        if (text.Split("!=") is [var key, var value]) return new LabelRequirement(key, LabelOperator.NotIn, [value]);
        return text.Split('=') is [var own, var equal]
            ? new LabelRequirement(own, LabelOperator.In, [equal])
            : new LabelRequirement(text, LabelOperator.Exists, []);
    }

    /// <summary>Requirements joined by commas.</summary>
    public static ValueList<LabelRequirement> Requirements(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Requirement).ToValueList();

    public static Selection Selection(string text) => new(Requirements(text));

    /// <summary>Workloads of the namespace <c>default</c>.</summary>
    public static WorkloadTerm Term(string topologyKey, string selection) => new(topologyKey, Selection(selection), ["default"]);

    public static ValueList<Label> Labels(params string[] pairs) =>
        pairs.Select(pair => new Label(pair.Split('=')[0], pair.Split('=')[1])).ToValueList();

    /// <summary><c>key=value:NoSchedule</c> or <c>key:NoSchedule</c>.</summary>
    public static HostTaint Taint(string text)
    {
        var parts = text.Split(':');
        var pair = parts[0].Split('=');
        return new HostTaint(pair[0], pair.ElementAtOrDefault(1) ?? "", Enum.Parse<TaintEffect>(parts[1]));
    }

    /// <summary>As <see cref="Taint"/>; without <c>=value</c> it is Exists, without <c>:effect</c> every effect.</summary>
    public static TaintToleration Toleration(string text)
    {
        var parts = text.Split(':');
        var pair = parts[0].Split('=');
        TaintEffect? effect = parts.Length > 1 ? Enum.Parse<TaintEffect>(parts[1]) : null;
        return new TaintToleration(pair[0], pair.Length == 1, pair.ElementAtOrDefault(1) ?? "", effect);
    }

    public static FrozenDictionary<string, string> Messages(params (string Class, string Message)[] messages) =>
        messages.ToFrozenDictionary(entry => entry.Class, entry => entry.Message);

    /// <summary>True if the host can take the workload; otherwise false and the only rule that refused.</summary>
    public static bool Accepts(HostView host, WorkloadView workload, string rule)
    {
        var explanation = Planner.Explain(ClusterSnapshot.Of([host]), workload);
        if (explanation.FeasibleHosts == 1) return true;
        Assert.Equal(rule, Assert.Single(explanation.Nearest).Lacks.Select(lack => lack.Rule).Distinct().Single());
        return false;
    }
}

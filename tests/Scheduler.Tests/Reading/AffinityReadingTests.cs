using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Reading;

public sealed class AffinityReadingTests
{
    [Fact]
    public void A_pods_wishes_are_read_as_they_are_written()
    {
        var pod = RequestsTests.PodOf(RequestsTests.Resources());
        pod.Metadata.Labels.Add("app", "web");
        pod.Metadata.Labels.Add("pod-template-hash", "abc");
        pod.Metadata.OwnerReferences.Add(new OwnerReference { Kind = "Node", Name = "n", Uid = "not-this" });
        pod.Metadata.OwnerReferences.Add(new OwnerReference { Kind = "ReplicaSet", Name = "web", Uid = "rs-1", Controller = true });
        pod.Spec.Affinity = new Affinity
        {
            NodeAffinity = new NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector
                {
                    NodeSelectorTerms =
                    {
                        new NodeSelectorTerm { MatchExpressions = { new NodeSelectorRequirement { Key = "cores", Operator = "Gt", Values = { "8" } } } },
                        new NodeSelectorTerm { MatchFields = { new NodeSelectorRequirement { Key = "metadata.name", Operator = "In", Values = { "a" } } } },
                    },
                },
                PreferredDuringSchedulingIgnoredDuringExecution =
                {
                    new PreferredSchedulingTerm
                    {
                        Weight = 7, Preference = new NodeSelectorTerm { MatchExpressions = { new NodeSelectorRequirement { Key = "disk", Operator = "Exists" } } },
                    },
                },
            },
            PodAffinity = new PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = { Affine("zone", "db") } },
            PodAntiAffinity = new PodAntiAffinity
            {
                PreferredDuringSchedulingIgnoredDuringExecution = { new WeightedPodAffinityTerm { Weight = 5, PodAffinityTerm = Affine("host", "web") } },
            },
        };
        var workload = WorkloadView.From(pod, null, 1);
        Assert.Equal("cores > 8 or metadata.name=a", workload.RequiredHosts!.ToString());
        Assert.Equal(new PreferredHosts(7, new HostTerm(Requirements("disk"))), Assert.Single(workload.PreferredHosts));
        Assert.Equal(Term("zone", "app=db"), Assert.Single(workload.Traits.Affinity));
        Assert.Empty(workload.Traits.AntiAffinity);
        Assert.Equal(new WeightedTerm(-5, Term("host", "app=web")), Assert.Single(workload.Traits.Preferred));
        Assert.Equal(("default", "rs-1", false), (workload.Traits.Namespace, workload.Traits.Owner, workload.Traits.Terminating));
    }

    [Fact]
    public void Keys_stand_for_the_pods_own_values()
    {
        var pod = RequestsTests.PodOf(RequestsTests.Resources());
        pod.Metadata.Labels.Add("pod-template-hash", "abc");
        var term = Affine("zone", "web");
        term.MatchLabelKeys.Add("pod-template-hash");
        term.MismatchLabelKeys.Add("absent");
        pod.Spec.Affinity = new Affinity { PodAffinity = new PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = { term } } };
        pod.Spec.TopologySpreadConstraints.Add(new TopologySpreadConstraint
        {
            MaxSkew = 2,
            TopologyKey = "zone",
            WhenUnsatisfiable = "DoNotSchedule",
            MinDomains = 3,
            NodeAffinityPolicy = "Ignore",
            NodeTaintsPolicy = "Honor",
            LabelSelector = new LabelSelector { MatchExpressions = { new LabelSelectorRequirement { Key = "app", Operator = "NotIn", Values = { "x" } } } },
            MatchLabelKeys = { "pod-template-hash" },
        });
        var workload = WorkloadView.From(pod, null, 1);
        Assert.Equal("app=web,pod-template-hash=abc per zone", Assert.Single(workload.Traits.Affinity).ToString());
        Assert.Equal(
            new SpreadConstraint("zone", 2, true, Selection("app!=x,pod-template-hash=abc"), 3, HonorsAffinity: false, HonorsTaints: true),
            Assert.Single(workload.Spread));
    }

    [Theory]
    [InlineData(null, null, "default")]
    [InlineData("a", null, "a")]
    [InlineData(null, "team", "")]          // only those that the selector means
    [InlineData("a", "team", "a")]
    public void A_term_without_namespaces_means_the_pods_own(string? named, string? selected, string expected)
    {
        var pod = RequestsTests.PodOf(RequestsTests.Resources());
        var term = Affine("zone", "web");
        if (named is not null) term.Namespaces.Add(named);
        if (selected is not null) term.NamespaceSelector = new LabelSelector { MatchExpressions = { new LabelSelectorRequirement { Key = selected, Operator = "Exists" } } };
        pod.Spec.Affinity = new Affinity { PodAntiAffinity = new PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = { term } } };
        var read = Assert.Single(WorkloadView.From(pod, null, 1).Traits.AntiAffinity);
        Assert.Equal(expected, string.Join(',', read.Namespaces));
        Assert.Equal(selected, read.NamespaceSelection?.ToString());
    }

    [Fact]
    public void Ports_of_the_host_are_read_and_with_the_hosts_network_all_are()
    {
        var pod = RequestsTests.PodOf(RequestsTests.Resources(), RequestsTests.Resources());
        pod.Spec.Containers[0].Ports.Add(new ContainerPort { ContainerPort_ = 80, HostPort = 8080, HostIp = "0.0.0.0" });
        pod.Spec.Containers[0].Ports.Add(new ContainerPort { ContainerPort_ = 81 });
        pod.Spec.Containers[1].Ports.Add(new ContainerPort { ContainerPort_ = 53, HostPort = 53, Protocol = "UDP", HostIp = "10.0.0.1" });
        Assert.Equal(["8080/TCP", "10.0.0.1:53/UDP"], WorkloadView.From(pod, null, 1).Traits.Ports.Select(port => port.ToString()));
        pod.Spec.HostNetwork = true;
        Assert.Equal(["8080/TCP", "81/TCP", "10.0.0.1:53/UDP"], WorkloadView.From(pod, null, 1).Traits.Ports.Select(port => port.ToString()));
    }

    [Fact]
    public void Gates_groups_and_preemption_are_read()
    {
        var pod = RequestsTests.PodOf(RequestsTests.Resources());
        pod.Spec.SchedulingGates.Add(new PodSchedulingGate { Name = "example.com/quota" });
        pod.Spec.PreemptionPolicy = "Never";
        pod.Metadata.Labels.Add(WorkloadView.GroupLabel, "training");
        var workload = WorkloadView.From(pod, null, 1);
        Assert.Equal(("example.com/quota", false, "training", "default-scheduler"), (workload.Gates.Single(), workload.MayPreempt, workload.Group, workload.SchedulerName));
    }

    private static PodAffinityTerm Affine(string key, string app) => new() { TopologyKey = key, LabelSelector = new LabelSelector { MatchLabels = { ["app"] = app } } };
}

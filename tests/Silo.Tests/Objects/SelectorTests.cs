using Google.Protobuf.Collections;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Objects.Selectors;
using LabelSelector = Orchestrator.Silo.Objects.Selectors.LabelSelector;

namespace Orchestrator.Silo.Tests.Objects;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("env=prod", true)]
    [InlineData("env==prod", true)]
    [InlineData("env = prod , tier=web", true)]
    [InlineData("env=dev", false)]
    [InlineData("env!=dev", true)]
    [InlineData("absent!=x", true)]
    [InlineData("env!=prod", false)]
    [InlineData("env in (dev, prod)", true)]
    [InlineData("env in (dev)", false)]
    [InlineData("absent in (dev)", false)]
    [InlineData("env notin (dev)", true)]
    [InlineData("absent notin (dev)", true)]
    [InlineData("env notin (prod),tier=web", false)]
    [InlineData("env", true)]
    [InlineData("absent", false)]
    [InlineData("!absent", true)]
    [InlineData("!env", false)]
    public void Labels_match_as_in_Kubernetes(string text, bool matches)
    {
        Assert.True(LabelSelector.TryParse(text, out var selector, out var error), error);
        Assert.Equal(matches, selector.Matches(new MapField<string, string> { ["env"] = "prod", ["tier"] = "web" }));
    }

    [Theory]
    [InlineData("env in prod")]
    [InlineData("=x")]
    [InlineData("a b")]
    [InlineData("a=b,,c=d")]
    [InlineData("env in (a")]
    public void Nonsense_is_refused_with_the_way_out(string text)
    {
        Assert.False(LabelSelector.TryParse(text, out _, out var error));
        Assert.Contains("expected key=value", error);
    }

    [Theory]
    [InlineData("metadata.name=web", true)]
    [InlineData("spec.nodeName=host-1,status.phase=Running", true)]
    [InlineData("spec.nodeName!=host-1", false)]
    [InlineData("status.podIP=10.0.0.1", true)]
    public void Fields_match_by_their_JSON_path(string text, bool matches)
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Name = "web" },
            Spec = new PodSpec { NodeName = "host-1" },
            Status = new PodStatus { Phase = "Running", PodIp = "10.0.0.1" },
        };
        Assert.True(FieldSelector.TryParse(text, KindCatalog.Of<Pod>(), out var selector, out var error), error);
        Assert.Equal(matches, selector.Matches(pod));
    }

    [Theory]
    [InlineData("spec.containers=x")]
    [InlineData("spec.nodename=x")]
    [InlineData("spec")]
    [InlineData("metadata.name")]
    public void An_unknown_field_is_refused(string text) =>
        Assert.False(FieldSelector.TryParse(text, KindCatalog.Of<Pod>(), out _, out _));
}

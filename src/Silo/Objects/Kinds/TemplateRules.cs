using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Objects.Selectors;
using Selector = Orchestrator.Objects.MetaV1.LabelSelector;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What controllers' templates of pods have in common.</summary>
internal static class TemplateRules
{
    /// <summary>Fills in what a pod gets that is made by itself, so that a template shows what its pods will be.</summary>
    public static void FillIn(PodTemplateSpec? template)
    {
        foreach (var container in PodContainerRules.All(template?.Spec))
            if (container.ImagePullPolicy.Length == 0) container.ImagePullPolicy = PodStrategy.DefaultPullPolicy(container.Image);
    }

    /// <summary>A controller that doesn't recognise its own pods would make them without end.</summary>
    public static IEnumerable<FieldError> CheckSelector(Selector? selector, PodTemplateSpec template)
    {
        if (selector is null) yield break;
        if (selector.MatchLabels.Count == 0 && selector.MatchExpressions.Count == 0)
            yield return new FieldError("spec.selector", "Invalid value: an empty selector would choose every pod", FieldReasons.Invalid);
        else if (!selector.Matches(template.Metadata?.Labels ?? []))
            yield return new FieldError("spec.template.metadata.labels", $"Invalid value: must match `spec.selector` ({selector.ToText()})", FieldReasons.Invalid);
    }

    public static IEnumerable<FieldError> CheckRestartPolicy(PodTemplateSpec template, string path, params string[] allowed)
    {
        if (!allowed.Contains(template.Spec.RestartPolicy))
            yield return new FieldError(
                $"{path}.spec.restartPolicy", $"Unsupported value \"{template.Spec.RestartPolicy}\": must be one of {string.Join(", ", allowed.Select(one => $"\"{one}\""))}", FieldReasons.NotSupported);
    }
}

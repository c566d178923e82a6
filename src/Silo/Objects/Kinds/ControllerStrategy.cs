using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.AppsV1;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>Kinds that keep a number of pods running from a template: what their templates must be, and their defaults.</summary>
internal sealed class ControllerStrategy<T>(Func<T, LabelSelector?> selector, Func<T, PodTemplateSpec> template, Action<T> fillIn) : KindStrategy
    where T : IMessage<T>
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => FillIn((T)obj);

    public override void PrepareForUpdate(IMessage old, IMessage updated) => FillIn((T)updated);

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => Check((T)obj);

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated) => Check((T)updated);

    private IEnumerable<FieldError> Check(T obj) =>
        TemplateRules.CheckSelector(selector(obj), template(obj)).Concat(TemplateRules.CheckRestartPolicy(template(obj), "spec.template", "Always"));

    private void FillIn(T obj)
    {
        TemplateRules.FillIn(template(obj));
        fillIn(obj);
    }
}

/// <summary>The controllers of apps/v1.</summary>
internal static class ControllerStrategies
{
    private const string RollingUpdate = "RollingUpdate";

    public static readonly KindStrategy Deployment =
        new ControllerStrategy<Deployment>(obj => obj.Spec.Selector, obj => obj.Spec.Template, obj => FillIn(obj.Spec.Strategy ??= new DeploymentStrategy()));

    public static readonly KindStrategy ReplicaSet = new ControllerStrategy<ReplicaSet>(obj => obj.Spec.Selector, obj => obj.Spec.Template, _ => { });

    public static readonly KindStrategy StatefulSet =
        new ControllerStrategy<StatefulSet>(obj => obj.Spec.Selector, obj => obj.Spec.Template, obj => FillIn(obj.Spec.UpdateStrategy ??= new StatefulSetUpdateStrategy()));

    public static readonly KindStrategy DaemonSet =
        new ControllerStrategy<DaemonSet>(obj => obj.Spec.Selector, obj => obj.Spec.Template, obj => FillIn(obj.Spec.UpdateStrategy ??= new DaemonSetUpdateStrategy()));

    private static void FillIn(DeploymentStrategy strategy)
    {
        if (strategy.Type.Length == 0) strategy.Type = RollingUpdate;
        if (strategy.Type != RollingUpdate) return;
        strategy.RollingUpdate ??= new RollingUpdateDeployment();
        strategy.RollingUpdate.MaxUnavailable ??= Percent("25%");
        strategy.RollingUpdate.MaxSurge ??= Percent("25%");
    }

    private static void FillIn(StatefulSetUpdateStrategy strategy)
    {
        if (strategy.Type.Length == 0) strategy.Type = RollingUpdate;
        if (strategy.Type != RollingUpdate) return;
        strategy.RollingUpdate ??= new RollingUpdateStatefulSet();
        if (!strategy.RollingUpdate.HasPartition) strategy.RollingUpdate.Partition = 0;
    }

    private static void FillIn(DaemonSetUpdateStrategy strategy)
    {
        if (strategy.Type.Length == 0) strategy.Type = RollingUpdate;
        if (strategy.Type != RollingUpdate) return;
        strategy.RollingUpdate ??= new RollingUpdateDaemonSet();
        strategy.RollingUpdate.MaxUnavailable ??= new IntOrString { IntValue = 1 };
        strategy.RollingUpdate.MaxSurge ??= new IntOrString { IntValue = 0 };
    }

    private static IntOrString Percent(string text) => new() { StringValue = text };
}

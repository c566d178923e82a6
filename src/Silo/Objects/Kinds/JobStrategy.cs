using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.BatchV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>A job knows its pods by its own uid, unless its maker insists on a selector of his own.</summary>
internal sealed class JobStrategy : KindStrategy
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";

    public override void PrepareForCreate(IMessage obj, ObjectCache cache)
    {
        var job = (Job)obj;
        FillIn(job.Spec);
        if (job.Spec is { HasManualSelector: true, ManualSelector: true }) return;
        var labels = (job.Spec.Template.Metadata ??= new ObjectMeta()).Labels;
        labels[ControllerUid] = job.Metadata.Uid;
        labels[JobName] = job.Metadata.Name;
        job.Spec.Selector = new LabelSelector { MatchLabels = { [ControllerUid] = job.Metadata.Uid } };
    }

    /// <summary>A manifest leaves the selector and its labels to the system.</summary>
    public override void PrepareForUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = ((Job)old, (Job)updated);
        FillIn(after.Spec);
        after.Spec.Selector ??= before.Spec.Selector?.Clone();
        foreach (var name in new[] { ControllerUid, JobName })
            if (before.Spec.Template.Metadata?.Labels.TryGetValue(name, out var value) == true) (after.Spec.Template.Metadata ??= new ObjectMeta()).Labels[name] = value;
    }

    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => Check(((Job)obj).Spec, "spec");

    public static IEnumerable<FieldError> Check(JobSpec spec, string path)
    {
        foreach (var error in TemplateRules.CheckRestartPolicy(spec.Template, $"{path}.template", "OnFailure", "Never")) yield return error;
        if (spec.CompletionMode == "Indexed" && !spec.HasCompletions)
            yield return new FieldError($"{path}.completions", "Required value: when completion mode is Indexed", FieldReasons.Required);
    }

    public static void FillIn(JobSpec spec)
    {
        TemplateRules.FillIn(spec.Template);
        if (!spec.HasParallelism && !spec.HasCompletions) spec.Completions = 1;
        if (!spec.HasParallelism) spec.Parallelism = 1;
    }
}

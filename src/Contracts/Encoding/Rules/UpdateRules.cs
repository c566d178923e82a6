using System.Collections;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>Checks that an update leaves alone what may not change once the object exists.</summary>
internal sealed class UpdateRules
{
    private const string Unchangeable = "the field can't be changed once the object exists";

    private readonly Findings _findings;

    public UpdateRules(Findings findings) => _findings = findings;

    public void Check(IMessage before, IMessage after, MessageShape shape)
    {
        foreach (var field in shape.Fields)
        {
            _findings.EnterField(field.Name);
            if (field.Rules.Immutable) CheckImmutable(before, after, field);
            else if (field.Element == ElementKind.Message) Descend(field.Get(before), field.Get(after), field);
            _findings.Leave();
        }
    }

    public void CheckIdentity(ObjectMeta before, ObjectMeta after)
    {
        _findings.EnterField("metadata");
        Compare("name", before.Name, after.Name);
        Compare("namespace", before.Namespace, after.Namespace);
        // A client need not send the uid; one that it does send must be the object's.
        if (after.Uid.Length > 0) Compare("uid", before.Uid, after.Uid);
        _findings.Leave();
    }

    private void CheckImmutable(IMessage before, IMessage after, FieldShape field)
    {
        if (Equals(field.Get(before), field.Get(after)) && field.IsPresent(before) == field.IsPresent(after)) return;
        var kept = field.Element == ElementKind.String && field.Get(before) is string text ? $"; it is {Quoted.Text(text)}" : "";
        _findings.Add(FieldReasons.Invalid, $"Invalid value: {Unchangeable}{kept}");
    }

    private void Descend(object? before, object? after, FieldShape field)
    {
        if (before is IMessage old && after is IMessage @new) Check(old, @new, field.Message);
        if (field.Rules.ListType != ListType.Map || before is not IList oldItems || after is not IList newItems) return;
        var known = new Dictionary<string, IMessage>(StringComparer.Ordinal);
        foreach (IMessage item in oldItems) known.TryAdd(ListKeys.Of(item, field), item);
        for (var index = 0; index < newItems.Count; index++)
        {
            var item = (IMessage)newItems[index]!;
            if (!known.TryGetValue(ListKeys.Of(item, field), out var match)) continue;
            _findings.EnterItem(index);
            Check(match, item, field.Message);
            _findings.Leave();
        }
    }

    private void Compare(string field, string before, string after)
    {
        if (before == after) return;
        _findings.Add(field, FieldReasons.Invalid, $"Invalid value {Quoted.Text(after)}: {Unchangeable}; it is {Quoted.Text(before)}");
    }
}

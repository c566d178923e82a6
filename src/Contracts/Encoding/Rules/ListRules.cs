using System.Collections;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>How many elements a list has, and that those of a set or a keyed list differ.</summary>
internal sealed class ListRules
{
    private readonly Findings _findings;

    public ListRules(Findings findings) => _findings = findings;

    public void Check(IList list, FieldShape field)
    {
        CheckCount(list.Count, field.Rules, "items");
        if (field.Rules.ListType == ListType.Atomic || list.Count < 2) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < list.Count; index++)
        {
            var key = field.Rules.ListType == ListType.Set ? list[index]!.ToString()! : ListKeys.Of((IMessage)list[index]!, field);
            // Elements without any key are already reported where the key is required.
            if (key.Length == 0 || seen.Add(key)) continue;
            _findings.EnterItem(index);
            _findings.Add(FieldReasons.Duplicate, field.Rules.ListType == ListType.Set
                ? $"Duplicate value {Quoted.Text(key)}"
                : $"Duplicate value: another item has the same {string.Join(" and ", field.Rules.ListMapKeys)} ({Quoted.Text(key)})");
            _findings.Leave();
        }
    }

    public void CheckCount(int count, FieldRules rules, string what)
    {
        if (rules.MaximumItems > 0 && count > rules.MaximumItems)
        {
            _findings.Add(FieldReasons.TooMany, $"Too many: has {count} {what}, must have at most {rules.MaximumItems}");
        }
        else if (count < rules.MinimumItems)
        {
            _findings.Add(FieldReasons.Invalid, $"Invalid value: has {count} {what}, must have at least {rules.MinimumItems}");
        }
    }
}

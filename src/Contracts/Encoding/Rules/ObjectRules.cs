using System.Collections;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>Checks an object, at every level, against the rules of its definition.</summary>
internal sealed class ObjectRules
{
    private readonly Findings _findings;
    private readonly ValueRules _values;
    private readonly ListRules _lists;

    public ObjectRules(Findings findings)
    {
        _findings = findings;
        _values = new ValueRules(findings);
        _lists = new ListRules(findings);
    }

    /// <param name="obj">The object, or a part of one.</param>
    /// <param name="kind">The kind that it is; null for a part.</param>
    public void Check(IMessage obj, Kind? kind)
    {
        if (kind is not null) MetadataRules.Check(obj, kind, _findings);
        CheckFields(obj, MessageShape.Of(obj));
    }

    private void CheckFields(IMessage message, MessageShape shape)
    {
        foreach (var field in shape.Fields)
        {
            _findings.EnterField(field.Name);
            if (field.IsPresent(message)) CheckField(message, field);
            else if (field.Rules.Required) _findings.Add(FieldReasons.Required, Required(field));
            _findings.Leave();
        }
    }

    private void CheckField(IMessage message, FieldShape field)
    {
        if (field.IsMap) CheckMap((IDictionary)field.Get(message)!, field);
        else if (field.IsList) CheckList((IList)field.Get(message)!, field);
        else if (field.Element is ElementKind.Int32 or ElementKind.Int64) _values.CheckInteger(field.GetInteger(message), field.Rules);
        else if (field.Element != ElementKind.Boolean) CheckElement(field.Get(message)!, field, field.Rules.Format);
    }

    private void CheckList(IList list, FieldShape field)
    {
        _lists.Check(list, field);
        for (var index = 0; index < list.Count; index++)
        {
            _findings.EnterItem(index);
            CheckElement(list[index]!, field, field.Rules.Format);
            _findings.Leave();
        }
    }

    private void CheckMap(IDictionary map, FieldShape field)
    {
        _lists.CheckCount(map.Count, field.Rules, "entries");
        foreach (DictionaryEntry entry in map)
        {
            var key = (string)entry.Key;
            _findings.EnterKey(key);
            _values.CheckKey(key, field.Rules.KeyFormat);
            CheckElement(entry.Value!, field, field.Rules.ValueFormat);
            _findings.Leave();
        }
    }

    private void CheckElement(object value, FieldShape field, Format format)
    {
        switch (value)
        {
            case string text:
                _values.CheckText(text, field.Rules, format);
                break;
            case int or long:
                _values.CheckInteger(Convert.ToInt64(value, null), field.Rules);
                break;
            case Timestamp time when !WireTime.IsValid(time):
                _findings.Add(FieldReasons.Invalid, "Invalid value: must be a time of the years 1 to 9999");
                break;
            case IntOrString either:
                _values.CheckEither(either, field.Rules, format);
                break;
            case IMessage message when field.Element == ElementKind.Message:
                CheckFields(message, field.Message);
                break;
            default:
                break;
        }
    }

    private static string Required(FieldShape field)
    {
        if (field.IsList || field.IsMap) return "Required value: must have at least one entry";
        return field.Rules.Allowed.Count > 0 ? $"Required value: one of {ValueRules.Choices(field.Rules)}" : "Required value";
    }
}

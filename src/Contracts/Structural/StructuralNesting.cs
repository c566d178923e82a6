using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Contracts.Structural;

/// <summary>What a schema limits in allOf, anyOf, oneOf and not must be there outside of them, or nobody would know what it is.</summary>
internal static class StructuralNesting
{
    public static void Check(StructuralSchema schema, Findings findings)
    {
        foreach (var (keyword, index, nested) in schema.Limits.Nested())
        {
            findings.EnterField(keyword);
            if (index >= 0) findings.EnterItem(index);
            Compare(nested, schema, findings);
            if (index >= 0) findings.Leave();
            findings.Leave();
        }
    }

    private static void Compare(StructuralSchema nested, StructuralSchema outer, Findings findings)
    {
        findings.EnterField("properties");
        foreach (var (name, property) in nested.Properties)
        {
            findings.EnterKey(name);
            if (outer.Properties.TryGetValue(name, out var known) || (known = outer.Additional) is not null) Compare(property, known, findings);
            else if (!outer.KeepsUnknown) findings.Add(FieldReasons.Required, "Required value: the field must be specified outside of allOf, anyOf, oneOf and not too");
            findings.Leave();
        }

        findings.Leave();
        if (nested.Item is { } item)
        {
            findings.EnterField("items");
            if (outer.Item is { } known) Compare(item, known, findings);
            else if (!outer.KeepsUnknown) findings.Add(FieldReasons.Required, "Required value: the items must be specified outside of allOf, anyOf, oneOf and not too");
            findings.Leave();
        }

        foreach (var (_, _, deeper) in nested.Limits.Nested()) Compare(deeper, outer, findings);
    }
}

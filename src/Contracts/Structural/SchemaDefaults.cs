using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Structural;

/// <summary>Fills in what a schema says of absent members, at every level. A null that may not be stands for absence.</summary>
internal static class SchemaDefaults
{
    /// <summary>True if anything has changed.</summary>
    public static bool FillIn(JsonNode? value, StructuralSchema schema)
    {
        switch (value)
        {
            case JsonObject members:
                var filled = false;
                foreach (var (name, property) in schema.Properties) filled |= FillIn(members, name, property);
                foreach (var (name, member) in members.Where(member => !schema.Properties.ContainsKey(member.Key)))
                    if (schema.Additional is { } additional) filled |= FillIn(member, additional);
                return filled;
            case JsonArray items when schema.Item is { } item:
                return items.Aggregate(false, (changed, one) => FillIn(one, item) | changed);
            default:
                return false;
        }
    }

    private static bool FillIn(JsonObject members, string name, StructuralSchema property)
    {
        var present = members.TryGetPropertyValue(name, out var value);
        if (value is null && (!present || !property.Nullable))
        {
            if (property.Default is null) return present && MayGo(property) && members.Remove(name);
            members[name] = value = property.Default.DeepClone();
            FillIn(value, property);
            return true;
        }

        return FillIn(value, property);
    }

    /// <summary>Where anything may be, a null is something.</summary>
    private static bool MayGo(StructuralSchema property) => property.Type.Length > 0 || property.IntOrString;
}

using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Contracts.Structural;

/// <summary>Takes out of a value what its schema doesn't know, and reports it.</summary>
internal static class SchemaPruning
{
    private static readonly string[] OfEveryObject = ["apiVersion", "kind", "metadata"];

    /// <summary>True if anything was taken out.</summary>
    public static bool Prune(JsonNode? value, StructuralSchema schema, Findings findings) => value switch
    {
        JsonObject members => PruneMembers(members, schema, findings),
        JsonArray items when schema.Item is { } item => PruneItems(items, item, findings),
        _ => false,
    };

    private static bool PruneMembers(JsonObject members, StructuralSchema schema, Findings findings)
    {
        // What is there instead of an object, the rules say.
        if (schema.Type is not ("object" or "") || schema.IntOrString) return false;
        var pruned = false;
        foreach (var (name, value) in members.ToArray())
        {
            if (schema.Embedded && OfEveryObject.Contains(name)) continue;
            findings.EnterField(name);
            if (schema.Member(name) is { } member)
            {
                pruned |= Prune(value, member, findings);
            }
            else
            {
                pruned = members.Remove(name);
                findings.Add(FieldReasons.Unknown, UnknownField(name, schema));
            }

            findings.Leave();
        }

        return pruned;
    }

    private static bool PruneItems(JsonArray items, StructuralSchema schema, Findings findings)
    {
        var pruned = false;
        for (var index = 0; index < items.Count; index++)
        {
            findings.EnterItem(index);
            pruned |= Prune(items[index], schema, findings);
            findings.Leave();
        }

        return pruned;
    }

    private static string UnknownField(string name, StructuralSchema schema)
    {
        var meant = Similar.Find(name, [.. schema.Properties.Keys]);
        return $"unknown field '{Quoted.Bare(name)}'{(meant is null ? "" : $"; did you mean '{meant}'?")}";
    }
}

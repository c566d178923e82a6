using System.Globalization;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>What tells the elements of a list of type MAP apart.</summary>
internal static class ListKeys
{
    /// <summary>The element's key values, joined by '/'; empty if it has none of them.</summary>
    public static string Of(IMessage element, FieldShape list)
    {
        var names = list.Rules.ListMapKeys;
        if (names.Count == 1) return Value(element, list, names[0]);
        var values = names.Select(name => Value(element, list, name)).ToArray();
        return values.All(value => value.Length == 0) ? "" : string.Join('/', values);
    }

    private static string Value(IMessage element, FieldShape list, string name)
    {
        var field = list.Message.Find(name)!;
        return field.IsPresent(element) ? Convert.ToString(field.Get(element), CultureInfo.InvariantCulture)! : "";
    }
}

using System.Collections.Frozen;
using System.Text;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Cache;

/// <summary>The <c>spec.nodeName</c> of an object whose kind has one, read from its bytes without decoding it.</summary>
internal static class NodeNames
{
    private static readonly FrozenDictionary<ResourceId, (int Spec, int NodeName)> Fields = KindCatalog.All
        .Select(kind => (kind.Resource, Spec: kind.Descriptor.FindFieldByName("spec")))
        .Where(kind => kind.Spec?.MessageType.FindFieldByName("node_name") is not null)
        .ToFrozenDictionary(kind => kind.Resource, kind => (kind.Spec!.FieldNumber, kind.Spec.MessageType.FindFieldByName("node_name").FieldNumber));

    /// <summary>The one name, or none.</summary>
    public static IReadOnlyList<string> Of(StoredObject obj)
    {
        if (!Fields.TryGetValue(obj.Key.Resource, out var fields)) return [];
        var name = "";
        WireFields.Read(obj.Bytes, (field, spec) =>
        {
            if (field != fields.Spec) return;
            WireFields.Read(spec, (inner, value) =>
            {
                if (inner == fields.NodeName) name = Encoding.UTF8.GetString(value.Span);
            });
        });
        return name.Length == 0 ? [] : [name];
    }
}

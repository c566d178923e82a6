using System.Text.Json.Nodes;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Shapes;

/// <summary>What a definition says of one JSON value, for whoever merges or compares documents: patches, and who owns which field.</summary>
internal interface IJsonShape
{
    /// <summary>Whether the members of an object stand for themselves; otherwise the object is one value.</summary>
    bool MembersStandAlone { get; }

    ListType ListType { get; }

    IReadOnlyList<string> ListMapKeys { get; }

    /// <summary>What the items of a keyed list are.</summary>
    IJsonShape? Items { get; }

    /// <summary>What is filled in where the value is absent.</summary>
    JsonNode? DefaultValue { get; }

    /// <summary>What a member of an object is; null where members are free, as in labels.</summary>
    IJsonShape? Member(string name);
}

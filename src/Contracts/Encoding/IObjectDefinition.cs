using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Contracts.Schemas;

namespace Orchestrator.Contracts.Encoding;

/// <summary>
/// What objects of a kind look like, and so how they are read, written, completed and checked: the one seam between the pipeline,
/// which is the same for all kinds, and the two ways to define one. <see cref="MessageDefinition"/> is a proto message,
/// <see cref="Structural.SchemaDefinition"/> a structural schema that a user has brought along (docs/adr/0028).
/// </summary>
internal interface IObjectDefinition
{
    IJsonShape Shape { get; }

    bool HasStatus { get; }

    bool HasGenerations { get; }

    ScalePaths? Scale { get; }

    IMessage Parse(ReadOnlySpan<byte> encoded);

    /// <summary>What a document says, without what the definition doesn't know: that is reported.</summary>
    IMessage Read(ValueNode node, Findings findings);

    /// <summary>The members of the object after apiVersion and kind.</summary>
    void WriteMembers(Utf8JsonWriter writer, IMessage obj);

    void FillIn(IMessage obj);

    /// <summary>All that is wrong with it but its name and namespace.</summary>
    void Check(IMessage obj, Findings findings);

    /// <summary>What of the new object may not differ from the old one.</summary>
    void CheckChange(IMessage old, IMessage @new, Findings findings);

    void TakeStatus(IMessage obj, IMessage? from);

    bool SpecDiffers(IMessage left, IMessage right);

    Func<IMessage, string>? FieldReader(string path);

    /// <summary>The schema of the kind in an OpenAPI document, which it may add what it refers to.</summary>
    JsonObject OpenApi(ObjectSchemas schemas, Kind kind);
}

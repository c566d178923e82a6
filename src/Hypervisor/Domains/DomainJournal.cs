using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>What a folder's journal says: a record, nothing (the folder was never finished), or why it can't be read.</summary>
internal readonly record struct JournalEntry(DomainRecord? Record, string? Error)
{
    public bool IsMissing => Record is null && Error is null;
}

/// <summary>One small JSON file a domain, replaced as a whole. It is the only memory of dom0.</summary>
internal static class DomainJournal
{
    private const int LargestFile = 4 * 1024 * 1024;

    public static void Write(DomainFolder folder, DomainRecord record) => DataDirectory.WriteDurably(folder.Journal, Encode(record));

    public static byte[] Encode(DomainRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, JournalJson.Default.DomainRecord);

    public static JournalEntry Read(DomainFolder folder, string id)
    {
        var file = new FileInfo(folder.Journal);
        if (!file.Exists)
        {
            return default;
        }

        return file.Length > LargestFile
            ? new JournalEntry(null, $"{file.Length} bytes are no journal of ours")
            : Decode(File.ReadAllBytes(file.FullName), id);
    }

    public static JournalEntry Decode(ReadOnlySpan<byte> content, string id)
    {
        try
        {
            var record = JsonSerializer.Deserialize(content, JournalJson.Default.DomainRecord);
            return record switch
            {
                null => new JournalEntry(null, "it is empty"),
                { Spec: null, Phase: not DomainPhase.Failed } => new JournalEntry(null, "it holds no spec"),
                _ when record.Id != id => new JournalEntry(null, $"it is the journal of {record.Id}"),
                _ => new JournalEntry(record, null),
            };
        }
        catch (JsonException error)
        {
            return new JournalEntry(null, error.Message);
        }
    }
}

[JsonSerializable(typeof(DomainRecord))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
internal sealed partial class JournalJson : JsonSerializerContext;

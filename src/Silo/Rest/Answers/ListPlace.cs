using System.Text.Json;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>Kubernetes' ListMeta: which version a list is of, and how it goes on.</summary>
internal readonly record struct ListPlace(string ResourceVersion, string Continue = "", long Remaining = 0)
{
    public static ListPlace Of(ObjectPage page) => new(page.Revision.ToString(), page.Continue, page.Remaining);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceVersion", ResourceVersion);
        if (Continue.Length > 0) writer.WriteString("continue", Continue);
        if (Remaining > 0) writer.WriteNumber("remainingItemCount", Remaining);
        writer.WriteEndObject();
    }
}

using System.Text.Json;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>
/// How a command ended, as the stream server tells it:
/// <c>{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}</c>.
/// </summary>
internal static class ExecStatus
{
    public static bool IsWhole(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TrySkip();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static StreamEnd Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return StreamEnd.Internal($"the stream server's status is no JSON: {System.Text.Encoding.UTF8.GetString(json)}");
        }
    }

    private static StreamEnd Read(JsonElement status)
    {
        if (Text(status, "status") == "Success") return StreamEnd.Exit(0);
        if (Text(status, "reason") == "NonZeroExitCode" && status.TryGetProperty("details", out var details) && details.TryGetProperty("causes", out var causes))
            foreach (var cause in causes.EnumerateArray())
                if (Text(cause, "reason") == "ExitCode" && int.TryParse(Text(cause, "message"), out var code)) return StreamEnd.Exit(code);
        return StreamEnd.Internal(Text(status, "message"));
    }

    private static string Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}

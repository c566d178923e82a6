using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Hypervisor.Images;

/// <summary>Reads an image's configuration (image-spec, config.md): what it runs, as whom, where, with which environment.</summary>
internal static class ImageConfigReader
{
    public static ImageConfig Read(string digest, JsonElement document, string? passwd, string? group, DateTimeOffset now)
    {
        var config = document.TryGetProperty("config", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        var folder = Text(config, "WorkingDir");
        var (userId, groupId) = User(Text(config, "User"), passwd ?? "", group ?? "");
        return new ImageConfig
        {
            Digest = digest,
            CreatedAt = now,
            Entrypoint = Texts(config, "Entrypoint"),
            Command = Texts(config, "Cmd"),
            Environment = [.. Texts(config, "Env").Select(entry => entry.Split('=', 2)).Where(parts => parts.Length == 2 && parts[0].Length > 0)
                .Select(parts => KeyValuePair.Create(parts[0], parts[1]))],
            WorkingFolder = folder.StartsWith('/') ? folder : "/" + folder,
            UserId = userId,
            GroupId = groupId,
        };
    }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c> or <c>uid:gid</c>, by the image's own files; a user alone brings its group.</summary>
    private static (long UserId, long GroupId) User(string text, string passwd, string groups)
    {
        if (text.Length == 0)
        {
            return (0, 0);
        }

        var parts = text.Split(':', 2);
        var entry = Lines(passwd, parts[0], nameField: 0, idField: 2, fields: 4);
        var userId = entry is null ? Number(parts[0]) : Number(entry[2]);
        if (userId is null)
        {
            throw new InvalidImageException($"the image's user {parts[0]} is not in its /etc/passwd");
        }

        if (parts.Length == 1)
        {
            return (userId.Value, entry is null ? 0 : Number(entry[3]) ?? 0);
        }

        var groupId = Lines(groups, parts[1], nameField: 0, idField: 2, fields: 3) is { } line ? Number(line[2]) : Number(parts[1]);
        return (userId.Value, groupId ?? throw new InvalidImageException($"the image's group {parts[1]} is not in its /etc/group"));
    }

    private static string[]? Lines(string file, string wanted, int nameField, int idField, int fields) => file.Split('\n')
        .Select(line => line.Split(':'))
        .FirstOrDefault(line => line.Length >= fields && (line[nameField] == wanted || line[idField] == wanted));

    private static long? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= int.MaxValue ? value : null;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? Usable(value.GetString()!)
            : "";

    private static List<string> Texts(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => Usable(item.GetString()!))]
            : [];

    private static string Usable(string text) =>
        text.Contains('\0') ? throw new InvalidImageException("the image's configuration holds a zero character") : text;
}

using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Client;

/// <summary>
/// The configuration file: <c>$ORC_CONFIG</c>, else <c>$XDG_CONFIG_HOME/orchestrator/config.yaml</c>, else
/// <c>~/.config/orchestrator/config.yaml</c>.
/// </summary>
public sealed class ConfigFile(string path)
{
    /// <summary>Where it is, whether or not it is there.</summary>
    public string Path => path;

    /// <summary>The file that these environment variables mean.</summary>
    public static ConfigFile Locate(Func<string, string?> variable)
    {
        if (variable("ORC_CONFIG") is { Length: > 0 } chosen) return new ConfigFile(chosen);
        var root = variable("XDG_CONFIG_HOME") is { Length: > 0 } xdg ? xdg : System.IO.Path.Combine(variable("HOME") ?? "/", ".config");
        return new ConfigFile(System.IO.Path.Combine(root, "orchestrator", "config.yaml"));
    }

    /// <summary>An absent file is an empty configuration.</summary>
    /// <exception cref="ConfigException">The file can't be read or isn't a configuration.</exception>
    public ClusterConfig Read()
    {
        if (!File.Exists(path)) return ClusterConfig.Empty;
        try
        {
            var yaml = new YamlStream();
            using var text = File.OpenText(path);
            yaml.Load(text);
            return yaml.Documents.Count == 0 ? ClusterConfig.Empty : Parse(yaml.Documents[0].RootNode);
        }
        catch (YamlException exception)
        {
            throw new ConfigException($"{path}:{exception.Start.Line}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Replaces the file atomically; only its owner can read it.</summary>
    public void Write(ClusterConfig config)
    {
        try
        {
            var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);
            var temporary = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(path)}.{Environment.ProcessId}");
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var stream = new FileStream(temporary, options)) stream.Write(Encoding.UTF8.GetBytes(ToYaml(config)));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>The configuration as the file has it.</summary>
    public static string ToYaml(ClusterConfig config)
    {
        var text = new StringBuilder("apiVersion: config.orchestrator.dev/v1\nkind: Config\n");
        text.Append("current-context: ").Append(Quote(config.CurrentContext)).Append('\n');
        text.Append(config.Contexts.Count == 0 ? "contexts: []\n" : "contexts:\n");
        foreach (var context in config.Contexts)
        {
            text.Append("- name: ").Append(Quote(context.Name)).Append('\n');
            text.Append("  server: ").Append(Quote(context.Server)).Append('\n');
            if (context.Namespace.Length > 0) text.Append("  namespace: ").Append(Quote(context.Namespace)).Append('\n');
        }
        return text.ToString();
    }

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    private ClusterConfig Parse(YamlNode root)
    {
        if (root is not YamlMappingNode map) throw new ConfigException($"{path}: not a configuration");
        var contexts = new List<ConfigContext>();
        if (Child(map, "contexts") is YamlSequenceNode list)
        {
            foreach (var node in list)
            {
                if (node is not YamlMappingNode entry || Text(entry, "name") is not { Length: > 0 } name)
                    throw new ConfigException($"{path}:{node.Start.Line}: a context needs a name");
                contexts.Add(new ConfigContext(name, Text(entry, "server") ?? ClusterAddress.Default, Text(entry, "namespace") ?? ""));
            }
        }
        return new ClusterConfig(Text(map, "current-context") ?? "", contexts);
    }

    private static YamlNode? Child(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static string? Text(YamlMappingNode map, string key) => (Child(map, key) as YamlScalarNode)?.Value;
}

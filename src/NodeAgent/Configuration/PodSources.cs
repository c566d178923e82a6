using System.Collections.Frozen;
using Google.Protobuf;
using Orchestrator.Agents.V1;
using SourceKind = Orchestrator.Agents.V1.ConfigurationSource.Types.Kind;

namespace Orchestrator.NodeAgent.Configuration;

/// <summary>The ConfigMaps and Secrets that came with a workload, as they are now. They are kept in memory only.</summary>
internal sealed class PodSources(IEnumerable<ConfigurationSource> sources)
{
    public static readonly PodSources None = new([]);

    private readonly FrozenDictionary<(SourceKind, string), ConfigurationSource> _sources = sources.ToFrozenDictionary(source => (source.Kind, source.Name));

    /// <summary>All keys of one; null if it is missing and may be.</summary>
    /// <exception cref="ConfigurationProblemException">It is missing and must not be.</exception>
    public IEnumerable<KeyValuePair<string, ByteString>>? All(SourceKind kind, string name, bool optional)
    {
        if (_sources.TryGetValue((kind, name), out var source)) return source.Data.OrderBy(pair => pair.Key, StringComparer.Ordinal);
        return optional ? null : throw new ConfigurationProblemException($"{Noun(kind).ToLowerInvariant()} \"{name}\" not found");
    }

    /// <summary>One key; null if it is missing and may be.</summary>
    /// <exception cref="ConfigurationProblemException">It is missing and must not be.</exception>
    public ByteString? Find(SourceKind kind, string name, string key, bool optional)
    {
        if (All(kind, name, optional) is null) return null;
        if (_sources[(kind, name)].Data.TryGetValue(key, out var value)) return value;
        return optional ? null : throw new ConfigurationProblemException($"couldn't find key {key} in {Noun(kind)} {name}");
    }

    private static string Noun(SourceKind kind) => kind == SourceKind.Secret ? "Secret" : "ConfigMap";
}

using Orchestrator.Agents.V1;

namespace Orchestrator.Silo.Networking;

/// <summary>Cuts what is to be told into messages that an agent takes.</summary>
internal sealed class UpdateParts(bool reset = false)
{
    /// <summary>An object has at most 3 MiB; with this much before it a message stays far below the 16 MiB that an agent takes.</summary>
    public const int PartBytes = 1 << 20;

    private readonly List<NetworkUpdate> _parts = reset ? [new NetworkUpdate { Reset = true }] : [];
    private int _bytes;

    public void Add(int bytes, Action<NetworkUpdate> add)
    {
        if (_parts.Count == 0 || (_bytes > 0 && _bytes + bytes > PartBytes))
        {
            if (_parts.Count > 0) _parts[^1].More = true;
            _parts.Add(new NetworkUpdate());
            _bytes = 0;
        }

        add(_parts[^1]);
        _bytes += bytes;
    }

    public IReadOnlyList<NetworkUpdate> Finish() => _parts;
}

namespace Orchestrator.Hypervisor.Engines;

/// <summary>The engines by name. A probe's answer is kept: what is installed is looked at once in dom0's life, what is missing again.</summary>
internal sealed class EngineCatalog
{
    private readonly Dictionary<string, (IEngine Engine, SemaphoreSlim Gate)> _engines;
    private readonly Dictionary<string, EngineAvailability> _available = [];
    private readonly Lock _gate = new();

    public EngineCatalog(IEnumerable<IEngine> engines)
    {
        _engines = engines.ToDictionary(engine => engine.Name, engine => (engine, new SemaphoreSlim(1)));
    }

    public IEnumerable<IEngine> All => _engines.Values.Select(entry => entry.Engine);

    public IEngine? Find(string name) => _engines.GetValueOrDefault(name).Engine;

    public async Task<EngineAvailability> ProbeAsync(IEngine engine, CancellationToken cancellation)
    {
        var gate = _engines[engine.Name].Gate;
        await gate.WaitAsync(cancellation);
        try
        {
            if (Known(engine.Name) is { } known)
            {
                return known;
            }

            var answer = await engine.ProbeAsync(cancellation);
            if (answer.Available)
            {
                lock (_gate)
                {
                    _available[engine.Name] = answer;
                }
            }

            return answer;
        }
        finally
        {
            gate.Release();
        }
    }

    private EngineAvailability? Known(string name)
    {
        lock (_gate)
        {
            return _available.GetValueOrDefault(name);
        }
    }
}

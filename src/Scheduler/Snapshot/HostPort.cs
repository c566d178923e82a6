namespace Orchestrator.Scheduler;

/// <summary>A port of the host itself that a workload takes. An empty address stands for every address of the host.</summary>
public readonly record struct HostPort(string Protocol, string Address, int Port)
{
    public bool Conflicts(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol && (Address == other.Address || Address.Length == 0 || other.Address.Length == 0);

    public override string ToString() => Address.Length == 0 ? $"{Port}/{Protocol}" : $"{Address}:{Port}/{Protocol}";
}

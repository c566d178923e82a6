namespace Orchestrator.Cli.Launching;

/// <summary>What <c>orc run</c> was asked to start.</summary>
internal sealed record WorkloadOrder(string Image, string RuntimeClass)
{
    public required string Name { get; init; }
    public required string Namespace { get; init; }
    public string? Cpus { get; init; }
    public string? Memory { get; init; }

    /// <summary>A machine's size by its name, in the place of the two.</summary>
    public string? MachineType { get; init; }

    public IReadOnlyList<string> Environment { get; init; } = [];
    public IReadOnlyList<string> Labels { get; init; } = [];
    public int? Port { get; init; }
    public string RestartPolicy { get; init; } = "Always";

    /// <summary>The user chose the policy.</summary>
    public bool RestartGiven { get; init; }

    /// <summary>The container's process hears us, until we leave.</summary>
    public bool Stdin { get; init; }

    /// <summary>The container's process has a terminal.</summary>
    public bool Tty { get; init; }

    public string PullPolicy { get; init; } = "";

    /// <summary>The words after <c>--</c>.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>They replace the entrypoint, not its arguments.</summary>
    public bool WordsAreCommand { get; init; }
}

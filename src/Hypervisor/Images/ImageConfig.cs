namespace Orchestrator.Hypervisor.Images;

/// <summary>What a guest needs of an image's configuration, its user already resolved with the image's own /etc/passwd.</summary>
internal sealed record ImageConfig
{
    public required string Digest { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<string> Entrypoint { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    public required string WorkingFolder { get; init; }

    public required long UserId { get; init; }

    public required long GroupId { get; init; }
}

namespace Orchestrator.Hypervisor.Images;

/// <summary>Bounds on what an image may cost this host while it is imported. An image beyond one is refused with its name.</summary>
internal sealed record ImageLimits
{
    public static readonly ImageLimits Default = new();

    /// <summary>Of the archive as it is sent.</summary>
    public long ArchiveBytes { get; init; } = 32L << 30;

    /// <summary>Of all layers unpacked, one after the other.</summary>
    public long UnpackedBytes { get; init; } = 64L << 30;

    /// <summary>Entries of all layers, those deleted later too.</summary>
    public int Entries { get; init; } = 500_000;

    /// <summary>Of all names and links together, which are held in memory.</summary>
    public long NameBytes { get; init; } = 128L << 20;

    public int Layers { get; init; } = 512;

    public int PathBytes { get; init; } = 4096;

    /// <summary>Of an extended header, which is held in memory.</summary>
    public int ExtendedHeaderBytes { get; init; } = 1 << 20;

    /// <summary>Of a manifest or a configuration, which are held in memory.</summary>
    public int DocumentBytes { get; init; } = 4 << 20;
}

/// <summary>The image can't be used, and this is why: shown to whoever sent it.</summary>
internal sealed class InvalidImageException : Exception
{
    public InvalidImageException(string message)
        : base(message)
    {
    }

    public InvalidImageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

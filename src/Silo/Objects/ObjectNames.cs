namespace Orchestrator.Silo.Objects;

/// <summary>Makes names and uids. Its randomness is injected, so a simulation can replay it.</summary>
internal sealed class ObjectNames(Random random)
{
    /// <summary>Kubernetes' alphabet for generated names: no vowels, and no characters that look alike.</summary>
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int SuffixLength = 5;
    private const int MaximumPrefix = 58;

    private readonly Lock _gate = new();

    public string Generate(string prefix)
    {
        lock (_gate) return string.Concat(prefix.AsSpan(0, Math.Min(prefix.Length, MaximumPrefix)), random.GetString(Alphabet, SuffixLength));
    }

    public string Uid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_gate) random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}

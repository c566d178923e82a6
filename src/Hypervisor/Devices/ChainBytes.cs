using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Devices;

/// <summary>
/// A chain's pieces as a run of bytes: a device must not care how a driver has cut its request. Memory of a guest is copied out once
/// and looked at afterwards.
/// </summary>
internal static unsafe class ChainBytes
{
    /// <summary>UIO_MAXIOV: what one system call takes.</summary>
    public const int MostVectors = 1024;

    /// <summary>Copies the first bytes out; there must be so many.</summary>
    public static void Copy(ReadOnlySpan<IoVector> pieces, Span<byte> destination)
    {
        foreach (var piece in pieces)
        {
            var count = (int)Math.Min((nuint)destination.Length, piece.Length);
            new ReadOnlySpan<byte>(piece.Start, count).CopyTo(destination);
            destination = destination[count..];
            if (destination.IsEmpty)
            {
                return;
            }
        }
    }

    /// <summary>Copies bytes in, as far as there is room. How many.</summary>
    public static int Fill(ReadOnlySpan<byte> source, ReadOnlySpan<IoVector> pieces)
    {
        var done = 0;
        foreach (var piece in pieces)
        {
            var count = (int)Math.Min((nuint)(source.Length - done), piece.Length);
            source.Slice(done, count).CopyTo(new Span<byte>(piece.Start, count));
            done += count;
        }

        return done;
    }

    /// <summary>The pieces of a part; at most as many as there are pieces. How many.</summary>
    public static int Slice(ReadOnlySpan<IoVector> pieces, ulong skip, ulong bytes, IoVector* destination)
    {
        var count = 0;
        foreach (var piece in pieces)
        {
            if (skip >= piece.Length)
            {
                skip -= piece.Length;
                continue;
            }

            if (bytes == 0)
            {
                break;
            }

            var length = Math.Min(bytes, piece.Length - skip);
            destination[count++] = new IoVector { Start = piece.Start + skip, Length = (nuint)length };
            bytes -= length;
            skip = 0;
        }

        return count;
    }
}

using System.Threading.Channels;

namespace Orchestrator.Cli.Terminal;

/// <summary>
/// Reads an input on a thread of its own: a read of a terminal can't be cancelled, so when the command ends the thread
/// is left in its read, and ends with the process.
/// </summary>
internal static class InputReader
{
    private const int ChunkBytes = 16 * 1024;

    /// <summary>Chunks as they come; the channel completes at the input's end. A slow reader holds the input back.</summary>
    public static ChannelReader<byte[]> Start(Stream input)
    {
        var channel = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(4) { SingleReader = true, SingleWriter = true });
        var thread = new Thread(() => Pump(input, channel.Writer)) { IsBackground = true, Name = "standard input" };
        thread.Start();
        return channel.Reader;
    }

    private static void Pump(Stream input, ChannelWriter<byte[]> output)
    {
        var buffer = new byte[ChunkBytes];
        try
        {
            while (input.Read(buffer) is > 0 and var count)
                output.WriteAsync(buffer[..count]).AsTask().GetAwaiter().GetResult();
            output.Complete();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or ChannelClosedException)
        {
            output.TryComplete(exception);
        }
    }
}

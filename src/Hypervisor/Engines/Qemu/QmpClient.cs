using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Engines.Qemu;

/// <summary>
/// QEMU's machine protocol on a unix socket: one JSON object a line. A connection lasts for one conversation, since QEMU serves one
/// client at a time. QEMU's answers are bounded and parsed as untrusted input.
/// </summary>
internal sealed class QmpClient
{
    public const string SocketName = "qmp";

    private const int LongestAnswerBytes = 256 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[LongestAnswerBytes];
    private int _filled;

    private QmpClient(NetworkStream stream)
    {
        _stream = stream;
    }

    /// <summary>What the conversation returned, or the default if QEMU doesn't answer, or not as the protocol says.</summary>
    public static async Task<T?> RunAsync<T>(
        EngineSeat seat, Func<QmpClient, CancellationToken, Task<T>> conversation, CancellationToken cancellation)
    {
        var path = FileSystem.PinSocket(Path.Combine(seat.Folder.EngineFolder, SocketName), seat.UserId, out var pin);
        using (pin)
        {
            if (path is null)
            {
                return default;
            }

            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Limit);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
                await using var stream = new NetworkStream(socket);
                var client = new QmpClient(stream);
                await client.ReadAsync(limit.Token); // the greeting
                await client.ExecuteAsync("qmp_capabilities", "{}", limit.Token);
                return await conversation(client, limit.Token);
            }
            catch (Exception error) when (error is SocketException or IOException or JsonException or InvalidDataException)
            {
                return default;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return default;
            }
        }
    }

    /// <exception cref="InvalidDataException">QEMU refused, or answered something else.</exception>
    /// <param name="arguments">A JSON object, ours.</param>
    public async Task<JsonElement> ExecuteAsync(string command, string arguments, CancellationToken cancellation)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"execute\":\"{command}\",\"arguments\":{arguments}}}\n"), cancellation);
        while (true)
        {
            var answer = await ReadAsync(cancellation);
            if (answer.TryGetProperty("return", out var result))
            {
                return result;
            }

            // Anything else without an error is an event, in between.
            if (answer.TryGetProperty("error", out _))
            {
                throw new InvalidDataException($"{command} was refused");
            }
        }
    }

    private async Task<JsonElement> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
            if (end >= 0)
            {
                using var line = JsonDocument.Parse(_buffer.AsMemory(0, end));
                var answer = line.RootElement.Clone();
                _buffer.AsSpan(end + 1, _filled - end - 1).CopyTo(_buffer);
                _filled -= end + 1;
                return answer.ValueKind is JsonValueKind.Object ? answer : throw new InvalidDataException("an answer that is no object");
            }

            if (_filled == _buffer.Length)
            {
                throw new InvalidDataException("an answer that never ends");
            }

            var count = await _stream.ReadAsync(_buffer.AsMemory(_filled), cancellation);
            _filled += count > 0 ? count : throw new InvalidDataException("the connection ended");
        }
    }
}

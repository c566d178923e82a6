using System.Net.WebSockets;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Streams;

/// <summary>A piece of what a client sends on one channel; <paramref name="Closed"/>: the last one (v5 only).</summary>
internal readonly record struct ChannelData(byte Channel, ReadOnlyMemory<byte> Data, bool Closed);

/// <summary>Subprotocols, the best first, and what a client that speaks none of them can do.</summary>
internal sealed record ServedProtocols(IReadOnlyList<string> Names, string Otherwise)
{
    public string? Choose(HttpContext http) => Names.FirstOrDefault(http.WebSockets.WebSocketRequestedProtocols.Contains);
}

/// <summary>
/// Several streams in one WebSocket: the first byte of each message is the channel, as the subprotocols v4.channel.k8s.io and
/// v5.channel.k8s.io of Kubernetes say (remotecommand; v4 also for ports). v5 adds that one channel can be closed alone: channel 255, whose data is its number.
/// </summary>
internal sealed class ChannelSocket : IDisposable
{
    private const string V4 = "v4.channel.k8s.io";
    private const string V5 = "v5.channel.k8s.io";
    private const byte CloseChannel = 255;
    private const int BufferBytes = 32 << 10;
    private static readonly TimeSpan PeerCloses = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly bool _closesChannels;

    private ChannelSocket(WebSocket socket) => (_socket, _closesChannels) = (socket, socket.SubProtocol == V5);

    /// <summary>What exec and attach are served with, the best first.</summary>
    public static readonly ServedProtocols RemoteCommand = new([V5, V4], "use kubectl 1.31 or newer, or orc");

    /// <summary>kubectl knows only SPDY here, inside of WebSocket or without.</summary>
    public static readonly ServedProtocols PortForward = new([V4], "use orc port-forward, or a client that speaks it");

    /// <summary>Why the request can't become such a socket; null if it can.</summary>
    public static ApiError? Refuse(HttpContext http, ServedProtocols served)
    {
        var names = string.Join(" and ", served.Names);
        if (!http.WebSockets.IsWebSocketRequest)
            return new ApiError(ErrorReason.BadRequest, $"this is served over WebSocket only ({names}), not over SPDY: {served.Otherwise}");
        return served.Choose(http) is null
            ? new ApiError(ErrorReason.BadRequest, $"none of the subprotocols {string.Join(", ", http.WebSockets.WebSocketRequestedProtocols)} is served, but {names}: {served.Otherwise}")
            : null;
    }

    public static async Task<ChannelSocket> Accept(HttpContext http, ServedProtocols served) => new(await http.WebSockets.AcceptWebSocketAsync(served.Choose(http)));

    /// <summary>One message. Several senders take turns.</summary>
    public async Task Send(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var message = new byte[data.Length + 1];
        message[0] = channel;
        data.CopyTo(message.AsMemory(1));
        await _sending.WaitAsync(cancellation);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>What the client sends, piece by piece, until it closes the socket or is lost. The data is valid until the next piece.</summary>
    public async IAsyncEnumerable<ChannelData> Receive([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        var (channel, first) = ((byte)0, true);
        while (await Next(buffer, cancellation) is { } part)
        {
            var data = buffer.AsMemory(0, part.Count);
            if (first && data.Length > 0) (channel, data) = (data.Span[0], data[1..]);
            first = part.EndOfMessage;
            if (channel == CloseChannel && _closesChannels && data.Length > 0) yield return new ChannelData(data.Span[0], default, Closed: true);
            else if (channel != CloseChannel) yield return new ChannelData(channel, data, Closed: false);
        }
    }

    /// <summary>Says farewell and lets the client do so; one that doesn't is cut off.</summary>
    public async Task Close(Task receiving, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(PeerCloses, time);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token);
            await receiving.WaitAsync(patience.Token);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task<ValueWebSocketReceiveResult?> Next(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            var part = await _socket.ReceiveAsync(buffer, cancellation);
            return part.MessageType == WebSocketMessageType.Close ? null : part;
        }
        catch (WebSocketException)
        {
            return null;
        }
    }
}

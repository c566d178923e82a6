using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Loop;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>
/// One conversation with a front-end, which is one device. On the loop's thread. A message that changes anything is carried out while
/// the device is quiet: no request is in flight while memory, rings or features change under it.
/// <code>
///   message ──► a question: answered at once
///          └──► a change: quiesce ──► apply ──► answer ──► resume ──► the next message
///   anything else: the connection ends, and says why in the log
/// </code>
/// </summary>
internal sealed partial class VhostSession
{
    private readonly VirtioDevice _device;
    private readonly VhostSocket _socket;
    private readonly VhostConversation _conversation;
    private readonly VhostMailbox? _mailbox;
    private readonly ILogger _logger;
    private readonly Action _ended;
    private readonly Watch _watch;
    private bool _isReading;
    private bool _isChanging;
    private bool _isClosed;

    /// <param name="state">Of a conversation that another dom0 has begun; null for a new one.</param>
    public VhostSession(
        VirtioDevice device, SafeFileHandle connection, VhostState? state, VhostPeer peer, VhostMailbox? mailbox, ILogger logger, Action ended)
    {
        _device = device;
        _socket = new VhostSocket(connection);
        _conversation = new VhostConversation(device, state ?? new VhostState(device.Queues.Count), peer);
        _mailbox = mailbox;
        _logger = logger;
        _ended = ended;
        _watch = new Watch(device.Loop, connection, Read);
    }

    public void Begin() => _watch.Arm();

    /// <summary>Goes on where another dom0 was killed: with the same rings, and the requests that it had in flight first.</summary>
    public void Resume() => _device.Quiesce(() =>
    {
        try
        {
            _conversation.Resume();
        }
        catch (VhostProtocolException error)
        {
            _device.Resume();
            Close(error.Message);
            return;
        }

        _device.Resume();
        _watch.Arm();
    });

    /// <summary>The device's configuration is another now: a front-end that wants to know is told.</summary>
    public void TellConfigurationChanged()
    {
        if (_conversation.State.BackendChannel is { } channel)
        {
            VhostSocket.TrySend(channel, (uint)VhostBackendRequest.ConfigurationChanged, VhostFormat.Version, [], []);
        }
    }

    /// <summary>Takes no more messages, lets what is in flight end, and forgets everything.</summary>
    public void Close(string reason)
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        LogEnded(_device.Name, reason);
        _watch.Stop();
        _device.Quiesce(() =>
        {
            _socket.DropDescriptors();
            _mailbox?.Clear();
            _device.Reset();
            _conversation.Forget();
            _device.Resume();
            _ended();
        });
    }

    /// <summary>True if there is nothing more for now: the socket is to be watched.</summary>
    private bool Read()
    {
        _isReading = true;
        try
        {
            while (!_isChanging && !_isClosed && _socket.TryRead() is { } message)
            {
                if (VhostQuestions.TryAnswer(message, _device, _conversation.OfferedFeatures, _socket))
                {
                    _socket.DropDescriptors();
                    continue;
                }

                _isChanging = true;
                _device.Quiesce(() => Change(message));
            }
        }
        catch (VhostProtocolException error)
        {
            Close(error.Message);
        }

        _isReading = false;
        return !_isChanging && !_isClosed;
    }

    private void Change(VhostMessage message)
    {
        try
        {
            var answer = _conversation.Apply(message);
            if (_mailbox?.Save(_conversation.State, _socket.Handle) is false)
            {
                throw new VhostProtocolException("its conversation can't be kept for another dom0");
            }

            _socket.DropDescriptors();
            if (answer.Payload is { } payload)
            {
                _socket.Reply(message.Request, payload);
            }
            else if (message.NeedsReply && _conversation.State.Has(VhostProtocolFeatures.ReplyAck))
            {
                _socket.Reply(message.Request, answer.IsRefused ? 1UL : 0UL);
            }
        }
        catch (VhostProtocolException error)
        {
            _device.Resume();
            Close(error.Message);
            return;
        }

        _device.Resume();
        _isChanging = false;
        if (!_isReading && Read())
        {
            _watch.Arm();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Device {Device}: its front-end's connection ended: {Reason}")]
    private partial void LogEnded(string device, string reason);
}

using Orchestrator.Hypervisor.Devices;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>Who may drive a device: the engine's user, with so much memory; and whether packed rings are offered to it (docs/adr/0010).</summary>
internal readonly record struct VhostPeer(long UserId, ulong MostMemoryBytes, bool TakesPackedRings = true);

/// <summary>
/// The socket at which an engine finds a device. One front-end at a time: the next is let in when all that the one before had in flight
/// has ended, so that what an old request writes never comes after what a new one wrote.
/// </summary>
internal sealed partial class VhostPort
{
    private readonly string _path;
    private readonly VirtioDevice _device;
    private readonly VhostPeer _peer;
    private readonly VhostMailbox? _mailbox;
    private readonly ILogger _logger;
    private Watch? _listening;
    private Microsoft.Win32.SafeHandles.SafeFileHandle? _listener;
    private VhostSession? _session;
    private TaskCompletionSource? _closed;

    private VhostPort(string path, VirtioDevice device, VhostPeer peer, VhostMailbox? mailbox, ILogger logger)
    {
        _path = path;
        _device = device;
        _peer = peer;
        _mailbox = mailbox;
        _logger = logger;
    }

    /// <summary>Goes on with what the mailbox holds, and listens; the socket belongs to the peer when this returns.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The path can't be listened at.</exception>
    public static VhostPort Open(string path, VirtioDevice device, VhostPeer peer, VhostMailbox? mailbox, ILogger logger)
    {
        var port = new VhostPort(path, device, peer, mailbox, logger) { _listener = UnixSockets.Listen(path) };
        FileSystem.ChangeOwner(path, peer.UserId, peer.UserId);
        device.Loop.Post(port.Begin);
        return port;
    }

    /// <summary>The device's size has changed.</summary>
    public void TellConfigurationChanged() => _device.Loop.Post(() => _session?.TellConfigurationChanged());

    /// <summary>Ends the conversation and lets go of the socket; complete when nothing is in flight any more.</summary>
    public Task CloseAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _device.Loop.Post(() =>
        {
            _closed = closed;
            _listening?.Stop();
            File.Delete(_path);
            if (_session is null)
            {
                closed.SetResult();
            }
            else
            {
                _session.Close("the device is taken away");
            }
        });
        return closed.Task;
    }

    private void Begin()
    {
        _listening = new Watch(_device.Loop, _listener!, Accept);
        if (_mailbox?.Load(_device.Queues.Count) is var (state, connection))
        {
            LogResumed(_device.Name);
            _session = new VhostSession(_device, connection, state, _peer, _mailbox, _logger, Ended);
            _session.Resume();
        }
        else
        {
            _listening.Arm();
        }
    }

    private bool Accept()
    {
        while (_session is null && _closed is null && UnixSockets.Accept(_listener!) is { } connection)
        {
            if (UnixSockets.PeerUser(connection) is var user && user != _peer.UserId)
            {
                LogStranger(_device.Name, user);
                connection.Dispose();
                continue;
            }

            LogConnected(_device.Name);
            _session = new VhostSession(_device, connection, state: null, _peer, _mailbox, _logger, Ended);
            _session.Begin();
        }

        return _session is null && _closed is null;
    }

    private void Ended()
    {
        _session = null;
        _closed?.TrySetResult();
        if (_closed is null && Accept())
        {
            _listening!.Arm();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Device {Device}: a front-end has connected")]
    private partial void LogConnected(string device);

    [LoggerMessage(Level = LogLevel.Information, Message = "Device {Device}: its front-end's conversation goes on")]
    private partial void LogResumed(string device);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Device {Device}: user {User} may not drive it")]
    private partial void LogStranger(string device, long user);
}

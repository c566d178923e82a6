using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Interop;
using Orchestrator.Hypervisor.Rings.Device;
using Orchestrator.Hypervisor.VhostUser;

namespace Orchestrator.Hypervisor.Tests.FrontEnd;

/// <summary>A raw disk behind a socket, served by a loop as dom0 does it.</summary>
internal sealed class ServedDisk : IAsyncDisposable
{
    private static int _count;

    private readonly string _folder = Directory.CreateTempSubdirectory("served-disk-").FullName;
    private readonly string _file;
    private readonly ILogger _logger;
    private readonly bool _isReadOnly;
    private readonly int _queues;
    private readonly VhostPeer _peer;
    private readonly VhostMailbox? _mailbox;
    private readonly DomainLimits _limits;
    private DeviceLoop _loop;
    private readonly bool _ownsLoop;

    public ServedDisk(
        int bytes, bool inMemory, int queues = 1, bool isReadOnly = false, DeviceLoop? loop = null, DomainLimits? limits = null,
        ulong mostMemory = 1 << 30, ILogger? logger = null, VhostMailbox? mailbox = null)
    {
        _logger = logger ?? NullLogger.Instance;
        _isReadOnly = isReadOnly;
        _queues = queues;
        _peer = new VhostPeer(0, mostMemory);
        _mailbox = mailbox;
        _limits = limits ?? DomainLimits.None;
        _file = inMemory ? $"/dev/shm/served-disk-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}" : Path.Combine(_folder, "disk");
        using (var file = File.Create(_file))
        {
            file.SetLength(bytes);
        }

        _ownsLoop = loop is null;
        _loop = loop ?? CreateLoop();
        Serve();
    }

    public string Socket => Path.Combine(_folder, "disk.sock");

    public string FilePath => _file;

    public DeviceLoop Loop => _loop;

    public BlockDevice Device { get; private set; }

    public VhostPort Port { get; private set; }

    public static DeviceLoop CreateLoop() =>
        new(NullLogger<DeviceLoop>.Instance, DeviceRingSize.Default(System.Diagnostics.Stopwatch.Frequency));

    /// <summary>Ends without a word, as if killed between two passes, and begins anew with what the mailbox holds.</summary>
    public void Restart()
    {
        _loop.Dispose();
        _loop = CreateLoop();
        Serve();
    }

    public byte[] Content()
    {
        using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    public async ValueTask DisposeAsync()
    {
        await Port.CloseAsync();
        await _loop.AskAsync(() =>
        {
            Device.Dispose();
            return true;
        });
        if (_ownsLoop)
        {
            _loop.Dispose();
        }

        File.Delete(_file);
        Directory.Delete(_folder, recursive: true);
    }

    [MemberNotNull(nameof(Device), nameof(Port))]
    private void Serve()
    {
        var disk = RawDisk.Open(_file, _isReadOnly);
        Device = _loop.AskAsync(() => new BlockDevice(_loop, _logger, "test/disk", disk, "serial-of-the-disk!!", _queues, _limits)).Result;
        Port = VhostPort.Open(Socket, Device, _peer, _mailbox is null ? null : VhostMailbox.Reopen(Descriptors.Duplicate(_mailbox.Socket)), _logger);
    }
}

using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Consoles;

/// <summary>
/// A domain's console for its whole life: FIFOs that hold their bytes while dom0 is away, the scroll-back in memory and on disk,
/// and the engine's own messages. Reading happens on the event loop; a guest that writes faster than we read waits.
/// </summary>
internal sealed partial class DomainConsole
{
    private const int EngineLogBytes = 64 * 1024;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WatcherLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TypingLimit = TimeSpan.FromSeconds(5);

    private readonly DomainFolder _folder;
    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BoundedLog _log;
    private readonly BoundedLog _engineLog;
    private SafeFileHandle? _input;
    private SafeFileHandle? _output;
    private SafeFileHandle? _errors;
    private long _outputKey;
    private long _errorsKey;
    private bool _diskFull;
    private int _paused;
    private ITimer? _patience;

    public DomainConsole(DomainFolder folder, EventLoop loop, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _loop = loop;
        _time = time;
        _logger = logger;
        _log = new BoundedLog(folder.ConsoleLog, Scrollback.CapacityBytes);
        _engineLog = new BoundedLog(folder.EngineLog, EngineLogBytes);
        Scrollback.Append(_log.Tail(Scrollback.CapacityBytes));
        Scrollback.CaughtUp += Resume;
    }

    public Scrollback Scrollback { get; } = new();

    /// <summary>Begins to read. For a new engine or an adopted one: what the FIFO held meanwhile comes first.</summary>
    public void Open()
    {
        _input = FileSystem.OpenFifo(_folder.ConsoleInput);
        _output = FileSystem.OpenFifo(_folder.ConsoleOutput);
        _errors = FileSystem.OpenFifo(_folder.EngineErrors);
        Scrollback.Live = true;
        _paused = 0;
        _outputKey = _loop.Add(_output, ReadOutput);
        _errorsKey = _loop.Add(_errors, ReadErrors);
    }

    /// <summary>Takes all that is still in the FIFOs, then ends every watcher. On the event loop, when the engine has ended.</summary>
    public void Drain()
    {
        while (Pump(_output!, Keep) || Pump(_errors!, KeepErrors))
        {
        }

        Scrollback.Live = false;
    }

    public async Task CloseAsync()
    {
        await _loop.Remove(_outputKey);
        await _loop.Remove(_errorsKey);
        _patience?.Dispose();
        _input?.Dispose();
        _input = null;
        Scrollback.Live = false;
    }

    /// <summary>False if no engine runs, or the guest doesn't take what is typed.</summary>
    public async Task<bool> TypeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        while (!data.IsEmpty)
        {
            if (_input is not { IsClosed: false } input)
            {
                return false;
            }

            var written = FileSystem.WriteAvailable(input, data.Span[..Math.Min(data.Length, 4096)]);
            data = data[written..];
            if (written == 0)
            {
                if (_time.GetElapsedTime(started) > TypingLimit)
                {
                    return false;
                }

                await Task.Delay(RetryInterval, _time, cancellation);
            }
        }

        return true;
    }

    /// <summary>What the engine itself said last, for people.</summary>
    public string EngineMessages(int bytes) => System.Text.Encoding.UTF8.GetString(_engineLog.Tail(bytes)).Trim();

    private bool ReadOutput()
    {
        Pump(_output!, Keep);
        return true;
    }

    private bool ReadErrors()
    {
        Pump(_errors!, KeepErrors);
        return true;
    }

    private bool Pump(SafeFileHandle handle, Action<byte[], int> keep)
    {
        var count = FileSystem.ReadAvailable(handle, _loop.Buffer);
        if (count > 0)
        {
            keep(_loop.Buffer, count);
        }

        return count > 0;
    }

    private void Keep(byte[] data, int count)
    {
        if (Scrollback.Append(data.AsSpan(0, count)))
        {
            Pause();
        }

        Store(_log, data.AsSpan(0, count));
    }

    /// <summary>A guest waits for those who follow its console, but not for long: a watcher must not hold a guest.</summary>
    private void Pause()
    {
        if (Interlocked.Exchange(ref _paused, 1) == 0)
        {
            _loop.Pause(_outputKey);
            _patience?.Dispose();
            _patience = _time.CreateTimer(
                _ =>
                {
                    Scrollback.GiveUpOnLaggards();
                    Resume();
                },
                null,
                WatcherLimit,
                Timeout.InfiniteTimeSpan);
        }
    }

    private void Resume()
    {
        if (Interlocked.Exchange(ref _paused, 0) == 1)
        {
            _loop.Resume(_outputKey);
        }
    }

    private void KeepErrors(byte[] data, int count) => Store(_engineLog, data.AsSpan(0, count));

    /// <summary>A full disk costs the scroll-back that outlives dom0, not the console.</summary>
    private void Store(BoundedLog log, ReadOnlySpan<byte> data)
    {
        try
        {
            log.Append(data);
            _diskFull = false;
        }
        catch (IOException error)
        {
            if (!_diskFull)
            {
                LogNotStored(_folder.Root, error);
            }

            _diskFull = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The console log in {Folder} can't be written; it goes on in memory only")]
    private partial void LogNotStored(string folder, Exception error);
}

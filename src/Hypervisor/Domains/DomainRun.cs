using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Consoles;
using Orchestrator.Hypervisor.Domains.Storage;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>One life of an engine's process, whether we started it or adopted it: from its first sign to its last trace.</summary>
internal sealed class DomainRun : IDisposable
{
    private const int QuotedBytes = 1024;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(30);

    private readonly IEngine _engine;
    private readonly EngineSeat _seat;
    private readonly DomainCgroup _cgroup;
    private readonly DomainConsole _console;
    private readonly DomainDevices _devices;
    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationToken _overToken;
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _killed;
    private bool _restarted;

    public DomainRun(
        IEngine engine, EngineSeat seat, DomainCgroup cgroup, DomainConsole console, DomainDevices devices, DomainServices services)
    {
        _engine = engine;
        _seat = seat;
        _cgroup = cgroup;
        _console = console;
        _devices = devices;
        _loop = services.Loop;
        _time = services.Time;
        _overToken = _over.Token;
    }

    /// <summary>The engine's exit code when its process has ended and its console is drained; null if it wasn't our child.</summary>
    public Task<int?> Ended => _ended.Task;

    /// <summary>Begins to watch over the process. The console must be open.</summary>
    public void Watch(SafeFileHandle pidfd) => _loop.Add(pidfd, () =>
    {
        _console.Drain();
        _ended.SetResult(Processes.Reap(pidfd));
        return false;
    });

    /// <summary>Waits for the control socket to answer. False if it doesn't in time; also when the engine ends first.</summary>
    public async Task<bool> ReadyAsync()
    {
        var started = _time.GetTimestamp();
        try
        {
            while (_time.GetElapsedTime(started) < ReadyLimit)
            {
                if (await _engine.IsReadyAsync(_seat, _overToken))
                {
                    return true;
                }

                await Task.Delay(PollInterval, _time, _overToken);
            }
        }
        catch (OperationCanceledException) when (_overToken.IsCancellationRequested)
        {
            // It ended: that is told elsewhere.
        }

        return false;
    }

    public async Task<IReadOnlyList<long>> VcpuThreadsAsync()
    {
        try
        {
            return await _engine.VcpuThreadsAsync(_seat, _overToken);
        }
        catch (OperationCanceledException) when (_overToken.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>Asks the guest to shut down, again and again: a guest that is still booting may not have heard it.</summary>
    public async Task AskShutdownAsync()
    {
        try
        {
            var boot = _engine.BootMark(_seat);
            while (true)
            {
                await _engine.AskShutdownAsync(_seat, _overToken);
                await Task.Delay(AskInterval, _time, _overToken);
                var now = _engine.BootMark(_seat);
                if (boot is not null && now is not null && !now.Equals(boot))
                {
                    // Some take ctrl-alt-del for a restart: its file systems are clean, and this is as far as it may go.
                    _restarted = true;
                    _cgroup.Kill();
                    return;
                }

                boot ??= now;
            }
        }
        catch (OperationCanceledException) when (_overToken.IsCancellationRequested)
        {
            // It has.
        }
    }

    public Task<(IReadOnlyList<DiskMeasurement> Disks, RingMeasurement Ring)> MeasureDisksAsync() => _devices.MeasureAsync();

    public Task SnapshotDisksAsync(string snapshot) => _devices.SnapshotAsync(snapshot);

    public Task<long> GrowDiskAsync(string disk, long bytes) => _devices.GrowDiskAsync(disk, bytes);

    public Task FreezeAsync() => _cgroup.FreezeAsync(_time);

    public Task ThawAsync() => _cgroup.ThawAsync(_time);

    public void Kill()
    {
        _killed = true;
        _cgroup.Kill();
    }

    /// <summary>After the end: nothing of the engine is left, and why it ended is known as far as it can be.</summary>
    /// <param name="phase">In which it ended.</param>
    public async Task<RunEnd> FinishAsync(DomainPhase phase)
    {
        var engineExit = await _ended.Task;
        await _over.CancelAsync();
        var outOfMemory = _cgroup.HadOutOfMemory();
        await _cgroup.KillAndRemoveAsync(KillLimit, _time);
        await _console.CloseAsync();
        await _devices.CloseAsync(areDisksKept: phase is not DomainPhase.Destroying);
        return RunEnd.Judge(new RunFacts(
            _killed,
            outOfMemory,
            _restarted ? 0 : engineExit,
            RunEnd.ReadReport(_seat.Folder.ReportFile),
            phase is DomainPhase.Stopping or DomainPhase.Restarting,
            Watched: true,
            _console.EngineMessages(QuotedBytes)));
    }

    public void Dispose() => _over.Dispose();
}

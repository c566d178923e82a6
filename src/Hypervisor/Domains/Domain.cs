using System.ComponentModel;
using System.Threading.Channels;
using Orchestrator.Hypervisor.Consoles;
using Orchestrator.Hypervisor.Engines;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// One domain's owner: the only one who changes it. Requests and news of the engine queue here and are taken one by one through
/// <see cref="DomainLifecycle"/>; each change is in the journal before anyone hears of it.
/// </summary>
internal sealed partial class Domain
{
    private readonly DomainServices _services;
    private readonly ILogger _logger;
    private readonly Channel<DomainLetter> _inbox = Channel.CreateUnbounded<DomainLetter>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CurrentRecord _current;
    private readonly DomainTimers _timers;
    private volatile DomainRun? _run;
    private string? _unresponsive;
    private bool _isErased;

    public Domain(DomainServices services, DomainFolder folder, DomainRecord record)
    {
        _services = services;
        _logger = services.Loggers.CreateLogger<Domain>();
        _current = new CurrentRecord(folder, services.Feed, services.Loggers.CreateLogger<CurrentRecord>(), record);
        _timers = new DomainTimers(services.Time, _inbox.Writer);
        Requests = new DomainRequests(_inbox.Writer, _current);
        Folder = folder;
        Console = new DomainConsole(folder, services.Loop, services.Time, services.Loggers.CreateLogger<DomainConsole>());
    }

    public DomainFolder Folder { get; }

    public DomainConsole Console { get; }

    /// <summary>What may be asked of it.</summary>
    public DomainRequests Requests { get; }

    public DomainRecord Record => _current.Record;

    /// <summary>Takes letters until nothing of it is left. Called once, after construction or adoption.</summary>
    public async Task RunAsync()
    {
        await foreach (var letter in _inbox.Reader.ReadAllAsync())
        {
            Refusal? refusal;
            try
            {
                refusal = await TakeAsync(letter);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or TimeoutException or Win32Exception)
            {
                // The host is in trouble; the domain stays as the journal has it, and whoever asked is told.
                LogHostFailed(Record.Id, letter.Event, error);
                refusal = new Refusal(RefusalKind.HostFailed, error.Message);
                _timers.RetryLater(letter.Event);
            }
            catch (Exception error) when (letter.Asker is { } asker)
            {
                // A bug: whoever asked sees it as such, and the domain still answers the next.
                asker.SetException(error);
                continue;
            }

            letter.Asker?.SetResult(refusal);
            if (_isErased)
            {
                return;
            }
        }
    }

    /// <summary>What it takes and does now, or null if no engine of it runs. Asks nobody but the host, so a guest that hangs is measured too.</summary>
    public async Task<DomainMeasurement?> MeasureAsync() => _run is { } run && Record is { Spec: { } spec, Process: not null } record
        ? await DomainMeasurement.TakeAsync(run, spec, record, _services)
        : null;

    /// <summary>Takes over an engine that an earlier dom0 started. Before <see cref="RunAsync"/>.</summary>
    public async Task<bool> AdoptAsync(IEngine engine)
    {
        var process = Record.Process!;
        if (Interop.Processes.Open(process.Pid) is not { } pidfd)
        {
            return false;
        }

        // The identity is compared after the descriptor is open: from here on the process id can't become another's.
        if (!ProcessTable.IsAlive(process))
        {
            pidfd.Dispose();
            return false;
        }

        // A dom0 that dies while it pauses or resumes has done it or not, whatever the journal says.
        var cgroup = _services.Cgroups.For(Record.Id);
        await (Record.Phase is DomainPhase.Paused ? cgroup.FreezeAsync(_services.Time) : cgroup.ThawAsync(_services.Time));
        var devices = await DomainDevices.AdoptAsync(_services, Folder, Record, pidfd);
        Console.Open();
        Begin(engine, process.Pid, pidfd, devices);
        if (Record.Phase is DomainPhase.Restarting)
        {
            // The restart is noted as carried out, so nobody asks again; its grace period has gone with the old dom0.
            _inbox.Writer.TryWrite(new DomainLetter(DomainEvent.GraceOver, Record.Starts));
        }

        return true;
    }

    private async Task<Refusal?> TakeAsync(DomainLetter letter)
    {
        // News of an engine that has since been replaced.
        if (letter.Life != 0 && letter.Life != Record.Starts)
        {
            return null;
        }

        if (letter.Event is DomainEvent.StartAsked && Record.Spec is null)
        {
            return new Refusal(RefusalKind.Precondition, $"domain {Record.Id}: {Record.Message}");
        }

        if (letter.Event is DomainEvent.RestartAsked or DomainEvent.ResetAsked && letter.PowerCycle == Record.PowerCycle)
        {
            return null;
        }

        var transition = DomainLifecycle.Next(Record.Phase, letter.Event);
        if (transition.Refusal is { } refusal)
        {
            return new Refusal(RefusalKind.Precondition, $"domain {Record.Id}: {refusal}");
        }

        await (transition.Effect is DomainEffect.None ? Task.CompletedTask : _services.ConfigDrives.TakeAsync(Record, letter.Settings));
        if (letter.Growth is { } growth)
        {
            return await new DomainGrowth(_services, _current).GrowAsync(growth, _run);
        }

        if (letter.Snapshot is { } snapshot)
        {
            return await new DomainSnapshots(_services, _current).ChangeAsync(snapshot, letter.Event is DomainEvent.SnapshotAsked, _run);
        }

        if (letter.Event is DomainEvent.EngineEnded)
        {
            await FinishAsync(transition.Next);
        }
        else if (letter.Event is DomainEvent.EngineReady && transition.Next != Record.Phase)
        {
            _current.Change(Record with { Phase = transition.Next, VcpuThreadIds = await _run!.VcpuThreadsAsync() });
        }
        else if (transition.Next != Record.Phase && transition.Effect is not (DomainEffect.Launch or DomainEffect.Freeze or DomainEffect.Thaw))
        {
            _current.Change(Record with { Phase = transition.Next, PowerCycle = letter.PowerCycle ?? Record.PowerCycle, Spec = letter.SpecOf(Record) });
        }

        await CarryOutAsync(transition, letter);
        return null;
    }

    private async Task CarryOutAsync(Transition transition, DomainLetter letter)
    {
        switch (transition.Effect)
        {
            case DomainEffect.Launch:
                await LaunchAsync(letter);
                break;
            case DomainEffect.Freeze:
                await _run!.FreezeAsync();
                _current.Change(Record with { Phase = transition.Next });
                break;
            case DomainEffect.Thaw:
                await _run!.ThawAsync();
                _current.Change(Record with { Phase = transition.Next });
                break;
            case DomainEffect.AskShutdown:
                await _run!.ThawAsync();
                _ = _run.AskShutdownAsync();
                _timers.ArmGrace(letter.Grace, Record.Starts);
                break;
            case DomainEffect.RenewGrace:
                _timers.ArmGrace(letter.Grace, Record.Starts);
                break;
            case DomainEffect.Kill:
                _unresponsive = letter.Event is DomainEvent.EngineUnresponsive ? letter.Message : null;
                _run!.Kill();
                break;
            case DomainEffect.Erase:
                await EraseAsync();
                break;
        }
    }

    private async Task LaunchAsync(DomainLetter letter)
    {
        var next = Record with { Spec = letter.SpecOf(Record), PowerCycle = letter.PowerCycle ?? Record.PowerCycle };
        var launch = new DomainLaunch(_services, Folder, Console, next);
        var launched = await launch.RunAsync();
        var record = next.Launched(launched.Process, launched.Problem, _services.Time.GetUtcNow());
        if (launched is not { Process: { } process, Pidfd: { } pidfd, Engine: { } engine, Devices: { } devices })
        {
            _current.Change(record);
            return;
        }

        try
        {
            // An engine that no journal knows would be killed by the next dom0; better at once, and say so.
            DomainJournal.Write(Folder, record);
        }
        catch (IOException error)
        {
            await launch.UndoAsync();
            Interop.Processes.Reap(pidfd);
            pidfd.Dispose();
            if (Record.Phase is DomainPhase.Starting)
            {
                // A restart: what ran before has ended, so it is not as it was.
                _current.Change(Record.Launched(null, error.Message, _services.Time.GetUtcNow()));
            }

            throw;
        }

        _current.Announce(record);
        Begin(engine, process.Pid, pidfd, devices);
    }

    private void Begin(IEngine engine, int pid, Microsoft.Win32.SafeHandles.SafeFileHandle pidfd, DomainDevices devices)
    {
        var life = Record.Starts;
        var seat = new EngineSeat(Folder, Record.UserId, pid);
        var run = new DomainRun(engine, seat, _services.Cgroups.For(Record.Id), Console, devices, _services);
        _run = run;
        run.Watch(pidfd);
        _ = ReportEndAsync(run, life);
        _ = ReportReadinessAsync(run, life);
    }

    private async Task ReportReadinessAsync(DomainRun run, int life)
    {
        var ready = await run.ReadyAsync();
        if (!run.Ended.IsCompleted)
        {
            _inbox.Writer.TryWrite(ready
                ? new DomainLetter(DomainEvent.EngineReady, life)
                : new DomainLetter(DomainEvent.EngineUnresponsive, life, Message: "its control socket did not answer"));
        }
    }

    private async Task ReportEndAsync(DomainRun run, int life)
    {
        await run.Ended;
        _inbox.Writer.TryWrite(new DomainLetter(DomainEvent.EngineEnded, life));
    }

    private async Task FinishAsync(DomainPhase next)
    {
        _timers.DropGrace();
        if (_run is null)
        {
            return;
        }

        var failed = Record.Phase is DomainPhase.Starting;
        var end = await _run.FinishAsync(Record.Phase);
        _run.Dispose();
        _run = null;
        var reason = (failed, _unresponsive) switch
        {
            (true, not null) => Reasons.EngineUnresponsive,
            (true, _) when end.Reason is Reasons.EngineCrashed => Reasons.LaunchFailed,
            _ => end.Reason,
        };
        _unresponsive = null;
        _current.Change(Record.Ended(next, end with { Reason = reason }, _services.Time.GetUtcNow()));
    }

    private async Task EraseAsync()
    {
        await _services.Cgroups.For(Record.Id).KillAndRemoveAsync(DomainRun.KillLimit, _services.Time);
        await _services.RemoveDisksAsync(Record.Id);
        Folder.Erase();
        _timers.Stop();
        _services.Uids.Free(Record.UserId);
        _inbox.Writer.Complete();
        _services.Feed.Forget(Record with { Reason = Reasons.Destroyed });
        _isErased = true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Domain {Domain}: the host failed at {Event}")]
    private partial void LogHostFailed(string domain, DomainEvent @event, Exception error);
}

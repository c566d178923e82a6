using System.ComponentModel;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// What a new dom0 does before it serves: every journal becomes a domain again, living engines are taken over, the dead are told as
/// such, and what no journal knows (half a creation, half a removal, a control group) is cleared away.
/// </summary>
internal sealed partial class Adoption : IHostedService
{
    private readonly DomainServices _services;
    private readonly DomainRegistry _registry;
    private readonly ILogger<Adoption> _logger;

    public Adoption(DomainServices services, DomainRegistry registry, ILogger<Adoption> logger)
    {
        _services = services;
        _registry = registry;
        _logger = logger;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        HashSet<string> known = [];
        foreach (var path in Directory.EnumerateDirectories(_services.Data.Domains))
        {
            var id = Path.GetFileName(path);
            var folder = new DomainFolder(_services.Data.Domains, id);
            var entry = DomainId.TryParse(id, out _) ? DomainJournal.Read(folder, id) : default;
            if (entry.IsMissing)
            {
                await Cgroup(id).KillAndRemoveAsync(DomainRun.KillLimit, _services.Time);
                await _services.RemoveDisksAsync(id);
                folder.Erase();
                LogCleared(id);
                continue;
            }

            known.Add(id);
            await RecoverAsync(folder, entry.Record ?? Unreadable(folder, id, entry.Error!));
        }

        foreach (var id in _services.Cgroups.Existing().Except(known))
        {
            await Cgroup(id).KillAndRemoveAsync(DomainRun.KillLimit, _services.Time);
            LogCleared(id);
        }

        await _services.Disks.RemoveUnknownAsync(known.Contains, IsKnown);
        await _services.ConfigDrives.RemoveUnknownAsync(known.Contains);
    }

    /// <summary>Where the journal can't be read, every snapshot may be one.</summary>
    private bool IsKnown(string domain, string snapshot) =>
        _registry.Find(domain)?.Record is { } record && (record.Spec is null || record.Snapshots.Any(known => known.Name == snapshot));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RecoverAsync(DomainFolder folder, DomainRecord record)
    {
        _services.Uids.Reserve(record.UserId);

        // Whoever asked for the stop has gone with the old dom0; asked again, it begins anew.
        var living = record with { Phase = record.Phase is DomainPhase.Stopping ? DomainPhase.Running : record.Phase };
        if (DomainLifecycle.HasEngine(record.Phase) && record.Process is not null && _services.Engines.Find(record.Spec!.Engine) is { } engine)
        {
            var domain = new Domain(_services, folder, living);
            if (await TryAdoptAsync(domain, engine))
            {
                _registry.Add(domain);
                LogAdopted(record.Id, record.Process.Pid);
                return;
            }
        }

        var dead = Dead(folder, record);
        await Cgroup(record.Id).KillAndRemoveAsync(DomainRun.KillLimit, _services.Time);
        if (record.Phase is DomainPhase.Destroying)
        {
            await _services.RemoveDisksAsync(record.Id);
            folder.Erase();
            _services.Uids.Free(record.UserId);
            LogCleared(record.Id);
            return;
        }

        if (dead != record)
        {
            DomainJournal.Write(folder, dead);
            LogFoundDead(record.Id, dead.Reason);
        }

        _registry.Add(new Domain(_services, folder, dead));
    }

    private async Task<bool> TryAdoptAsync(Domain domain, IEngine engine)
    {
        try
        {
            return await domain.AdoptAsync(engine);
        }
        catch (Exception error) when (error is Win32Exception or IOException or TimeoutException)
        {
            LogNotAdopted(domain.Record.Id, error);
            return false;
        }
    }

    private DomainRecord Dead(DomainFolder folder, DomainRecord record)
    {
        if (!DomainLifecycle.HasEngine(record.Phase))
        {
            return record;
        }

        var end = RunEnd.Judge(new RunFacts(
            KilledByUs: false,
            Cgroup(record.Id).HadOutOfMemory(),
            EngineExit: null,
            RunEnd.ReadReport(folder.ReportFile),
            record.Phase is DomainPhase.Stopping or DomainPhase.Restarting,
            Watched: false,
            EngineMessages: ""));
        var rebooted = record.Process is { } process && process.BootId != ProcessTable.BootId;
        return record with
        {
            Phase = DomainPhase.Stopped,
            Reason = rebooted && end.ExitCode is null ? Reasons.HostRestarted : end.Reason,
            Message = rebooted && end.ExitCode is null ? "the host was restarted" : end.Message,
            ExitCode = end.ExitCode,
            StoppedAt = _services.Time.GetUtcNow(),
            Process = null,
            VcpuThreadIds = [],
        };
    }

    private DomainRecord Unreadable(DomainFolder folder, string id, string error)
    {
        LogUnreadable(folder.Journal, error);
        return new DomainRecord
        {
            Id = id,
            UserId = Directory.Exists(folder.EngineFolder) ? FileSystem.OwnerOf(folder.EngineFolder) : 0,
            Phase = DomainPhase.Failed,
            Reason = Reasons.JournalUnreadable,
            Message = $"{folder.Journal} can't be read: {error}. The guest's disk is kept until the domain is destroyed",
        };
    }

    private DomainCgroup Cgroup(string id) => _services.Cgroups.For(id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Domain {Domain} was adopted, process {Process}")]
    private partial void LogAdopted(string domain, int process);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Domain {Domain} was found dead: {Reason}")]
    private partial void LogFoundDead(string domain, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Domain {Domain} runs but can't be adopted; it is killed")]
    private partial void LogNotAdopted(string domain, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Domain} is no domain of any journal; what was left of it is removed")]
    private partial void LogCleared(string domain);

    [LoggerMessage(Level = LogLevel.Error, Message = "The journal {Journal} can't be read: {Problem}")]
    private partial void LogUnreadable(string journal, string problem);
}

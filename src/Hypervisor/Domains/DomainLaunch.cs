using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Consoles;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>A started engine, or why there is none.</summary>
internal readonly record struct LaunchedEngine(
    IEngine? Engine, ProcessIdentity? Process, SafeFileHandle? Pidfd, DomainDevices? Devices, string? Problem);

/// <summary>The way from a spec to an engine's process, in order. Whatever fails leaves nothing that runs.</summary>
internal sealed class DomainLaunch
{
    private readonly DomainServices _services;
    private readonly DomainFolder _folder;
    private readonly DomainConsole _console;
    private readonly DomainRecord _record;
    private readonly DomainCgroup _cgroup;
    private DomainDevices? _devices;

    public DomainLaunch(DomainServices services, DomainFolder folder, DomainConsole console, DomainRecord record)
    {
        _services = services;
        _folder = folder;
        _console = console;
        _record = record;
        _cgroup = services.Cgroups.For(record.Id);
    }

    public async Task<LaunchedEngine> RunAsync()
    {
        var spec = _record.Spec!;
        if (_services.Engines.Find(spec.Engine) is not { } engine || _services.Images.Find(spec.RootImageDigest) is not { } image)
        {
            return Failed($"the engine {spec.Engine} or the image {spec.RootImageDigest} is not here any more");
        }

        if (await _services.Engines.ProbeAsync(engine, CancellationToken.None) is { Available: false } unavailable)
        {
            return Failed(unavailable.Message);
        }

        if (spec.ConfigDrive is not null && !_services.ConfigDrives.Has(_record.Id))
        {
            return Failed($"its config drive {spec.ConfigDrive} is not here: its files come with a start, and none has brought them since the host started");
        }

        try
        {
            _folder.PrepareRun(_record.UserId);
            // Its disks and cards are opened while the rest is made ready.
            var opening = DomainDevices.OpenAsync(_services, _folder, _record);
            string? kernel;
            try
            {
                kernel = _services.Initramfs.Prepare(engine.Platform, spec, image.Config, _folder, _record.UserId);
                _cgroup.Make(engine.Limits(spec));
                _console.Open();
            }
            finally
            {
                _devices = await opening;
            }

            var devices = await opening;
            var pid = EngineLauncher.Launch(
                engine.Invocation(spec, kernel), _folder, _cgroup, new EngineUser(_record.UserId, engine.DeviceGroup), devices.Mailboxes);

            // It is our child: until we reap it, its process id is nobody else's, even if it has ended already.
            return new LaunchedEngine(engine, ProcessTable.Identify(pid), Processes.Open(pid), devices, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception)
        {
            await UndoAsync();
            return Failed(error.Message);
        }
    }

    public async Task UndoAsync()
    {
        await _cgroup.KillAndRemoveAsync(DomainRun.KillLimit, _services.Time);
        await _console.CloseAsync();
        if (_devices is not null)
        {
            await _devices.CloseAsync(areDisksKept: true);
        }
    }

    private static LaunchedEngine Failed(string problem) => new(null, null, null, null, problem);
}

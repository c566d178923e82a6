using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Domains.Storage;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Images;
using Orchestrator.Hypervisor.Network;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>What every domain works with; there is one of each in dom0.</summary>
internal sealed record DomainServices(
    DataDirectory Data,
    EngineCatalog Engines,
    GuestInitramfs Initramfs,
    DiskImageStore Images,
    CgroupHierarchy Cgroups,
    EventLoop Loop,
    DeviceLoop Devices,
    DomainDisks Disks,
    ConfigDrives ConfigDrives,
    HostNetworks Networks,
    DomainFeed Feed,
    UidPool Uids,
    TimeProvider Time,
    ILoggerFactory Loggers)
{
    /// <summary>All of a domain that goes; safe if there are none.</summary>
    public async Task RemoveDisksAsync(string domain)
    {
        await Disks.RemoveAsync(domain);
        await ConfigDrives.RemoveAsync(domain);
    }
}

using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Engines;

/// <summary>Whom an engine's process runs as: its own user and group, and one of the host's for its device.</summary>
internal readonly record struct EngineUser(long UserId, long? DeviceGroup);

/// <summary>
/// Starts an engine's process as if it were hostile, which it is as soon as its guest breaks out: its own user and group, no
/// capability and no way to gain one, its own control group from before its first instruction, no network, no System V IPC, no core
/// dumps. It is a session of its own and outlives dom0.
/// </summary>
internal static class EngineLauncher
{
    // The shell joins the groups, then every link of the chain replaces the one before: the process id stays the same.
    private const string JoinThenRun =
        "while [ \"$1\" != -- ]; do echo $$ >\"$1/cgroup.procs\" || exit 71; shift; done; shift; ulimit -c 0; umask 077; exec \"$@\"";

    private const string SearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>The process id.</summary>
    public static int Launch(
        EngineInvocation invocation, DomainFolder folder, DomainCgroup cgroup, EngineUser engineUser, IReadOnlyList<SafeFileHandle> inherited)
    {
        var user = engineUser.UserId.ToString(CultureInfo.InvariantCulture);
        string[] groups = engineUser.DeviceGroup is { } group ? ["--groups", group.ToString(CultureInfo.InvariantCulture)] : ["--clear-groups"];
        return Processes.Spawn(new SpawnRequest(
            "/bin/sh",
            [
                "-c", JoinThenRun, "sh", .. cgroup.Folders, "--",
                Tool("unshare"), "--net", "--ipc", "--uts", "--",
                Tool("setpriv"), "--reuid", user, "--regid", user, .. groups,
                "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--",
                invocation.Program, .. invocation.Arguments,
            ],
            [SearchPath],
            folder.Root,
            folder.ConsoleInput,
            folder.ConsoleOutput,
            folder.EngineErrors,
            inherited));
    }

    private static string Tool(string name) =>
        HostCommand.Find(name) ?? throw new FileNotFoundException($"{name} is not installed (apt-get install util-linux)", name);
}

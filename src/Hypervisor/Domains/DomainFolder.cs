using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>
/// The files of one domain. The folder is root's, and its engine may only pass through it (0710, the engine's group): so a hostile
/// engine can't replace what dom0 opens. Only <see cref="EngineFolder"/> belongs to the engine; sockets are found there.
/// </summary>
internal sealed class DomainFolder
{
    /// <summary>Holds the guest's exit code, and is at least as large as partition scanners like it.</summary>
    private const int ReportBytes = 64 * 1024;

    private const UnixFileMode GroupMayPass =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    private const UnixFileMode GroupMayRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    // As an engine names them: its working folder is Root, so no parent of the data directory need be open to it.
    public const string RootDisk = "root";
    public const string ReportDisk = "report";
    public const string InitramfsName = "initramfs.cpio";
    public const string EngineFolderName = "engine";
    public const string GuestsFolder = "../../guests";

    public DomainFolder(string domains, string id)
    {
        Root = Path.Combine(domains, id);
    }

    public string Root { get; }

    public string Journal => Path.Combine(Root, "domain.json");

    /// <summary>Where the guest's init leaves the exit code. The other disks are in the host's store.</summary>
    public string ReportFile => Path.Combine(Root, "report.img");

    public string Initramfs => Path.Combine(Root, InitramfsName);

    public string EngineFolder => Path.Combine(Root, EngineFolderName);

    public string ConsoleInput => Path.Combine(Root, "console.in");

    public string ConsoleOutput => Path.Combine(Root, "console.out");

    public string EngineErrors => Path.Combine(Root, "engine.err");

    public string ConsoleLog => Path.Combine(Root, "console.log");

    public string EngineLog => Path.Combine(Root, "engine.log");

    /// <summary>Of the socket at which an engine finds a disk.</summary>
    public static string SocketName(string disk) => $"{disk}.vhost";

    /// <summary>Of the socket at which an engine finds a network card.</summary>
    public static string CardSocketName(int index) => $"{index}.card";

    public void Make(long userId)
    {
        DataDirectory.Make(Root, GroupMayPass);
        FileSystem.ChangeOwner(Root, 0, userId);
        DataDirectory.Make(EngineFolder, DataDirectory.Private);
        FileSystem.ChangeOwner(EngineFolder, userId, userId);
        foreach (var fifo in (string[])[ConsoleInput, ConsoleOutput, EngineErrors])
        {
            FileSystem.MakeFifo(fifo, DataDirectory.PrivateFile);
        }
    }

    /// <summary>An empty report and an empty engine folder: nothing of the last run speaks for the next one.</summary>
    public void PrepareRun(long userId)
    {
        using (var report = new FileStream(ReportFile, FileMode.Create, FileAccess.Write))
        {
            report.SetLength(ReportBytes);
        }

        Directory.Delete(EngineFolder, recursive: true);
        DataDirectory.Make(EngineFolder, DataDirectory.Private);
        FileSystem.ChangeOwner(EngineFolder, userId, userId);
    }

    public static void LetEngineRead(string path, long userId)
    {
        File.SetUnixFileMode(path, GroupMayRead);
        FileSystem.ChangeOwner(path, 0, userId);
    }

    public void Erase()
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}

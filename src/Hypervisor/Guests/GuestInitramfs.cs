using System.Security.Cryptography;
using System.Text;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Guests;

/// <summary>
/// What every guest boots into: a static busybox, the modules that its platform needs, and our init (init.sh, supervise.sh).
/// It is the same for all guests of a platform, so it is made once, and a small archive (the seed) follows it for each guest.
/// </summary>
internal sealed class GuestInitramfs
{
    private static readonly string[] BusyboxPlaces = ["/bin/busybox", "/usr/bin/busybox", "/usr/lib/busybox/busybox-static"];

    private readonly DataDirectory _data;
    private readonly Lock _gate = new();
    private readonly Dictionary<GuestPlatform, (string Initramfs, string? Kernel)> _made = [];

    public GuestInitramfs(DataDirectory data)
    {
        _data = data;
    }

    /// <exception cref="FileNotFoundException">Busybox is not installed.</exception>
    public static void AddBusybox(NewcArchive archive)
    {
        var busybox = BusyboxPlaces.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("busybox is not installed: apt-get install busybox-static");
        archive.AddFolder("bin");
        archive.AddFile("bin/busybox", NewcArchive.Executable, File.ReadAllBytes(busybox));
        archive.AddFolder("dev");
        archive.AddCharacterDevice("dev/console", 5, 1);
        archive.AddCharacterDevice("dev/null", 1, 3);
    }

    /// <summary>Writes the guest's initramfs into its folder. The kernel's path as the engine may name it, or null.</summary>
    public string? Prepare(GuestPlatform platform, GuestSpec spec, ImageConfig image, DomainFolder folder, long userId)
    {
        var (initramfs, kernel) = Shared(platform);
        var seed = new NewcArchive();
        seed.AddFile("seed", NewcArchive.PrivateFile, Encoding.UTF8.GetBytes(GuestSeed.Write(platform, spec, image)));
        File.Copy(initramfs, folder.Initramfs, overwrite: true);
        using (var file = new FileStream(folder.Initramfs, FileMode.Append))
        {
            file.Write(seed.ToArray());
        }

        DomainFolder.LetEngineRead(folder.Initramfs, userId);
        return kernel is null ? null : $"{DomainFolder.GuestsFolder}/{Path.GetFileName(kernel)}";
    }

    private (string Initramfs, string? Kernel) Shared(GuestPlatform platform)
    {
        lock (_gate)
        {
            if (!_made.TryGetValue(platform, out var made))
            {
                made = (Keep("initramfs", Base(platform)), platform.KernelFile is { } file ? Keep("kernel", File.ReadAllBytes(file)) : null);
                _made.Add(platform, made);
            }

            return made;
        }
    }

    /// <summary>Named by its content, so whatever is installed later makes another file, and never half of one.</summary>
    private string Keep(string name, byte[] content)
    {
        var path = Path.Combine(_data.Guests, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}");
        if (!File.Exists(path))
        {
            DataDirectory.WriteDurably(path, content);
            File.SetUnixFileMode(path, DataDirectory.PrivateFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        return path;
    }

    private static byte[] Base(GuestPlatform platform)
    {
        var archive = new NewcArchive();
        AddBusybox(archive);
        foreach (var folder in (string[])["proc", "sys", "root", "modules"])
        {
            archive.AddFolder(folder);
        }

        foreach (var module in platform.ModuleFiles)
        {
            archive.AddFile($"modules/{Path.GetFileName(module)}", NewcArchive.ReadableFile, File.ReadAllBytes(module));
        }

        var order = string.Concat(platform.ModuleFiles.Select(module => Path.GetFileName(module) + "\n"));
        archive.AddFile("modules/order", NewcArchive.ReadableFile, Encoding.UTF8.GetBytes(order));
        archive.AddFile("init", NewcArchive.Executable, Script("init.sh"));
        archive.AddFile("supervise", NewcArchive.ReadableFile, Script("supervise.sh"));
        return archive.ToArray();
    }

    private static byte[] Script(string name)
    {
        using var resource = typeof(GuestInitramfs).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}

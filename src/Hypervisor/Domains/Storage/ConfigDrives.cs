using Orchestrator.Hypervisor.Devices.Block;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Domains.Storage;

/// <summary>
/// The config drives of all domains: ISO 9660 images, made by xorriso of files that it only copies. They lie in a file system in memory, root's
/// alone, which is there while there are any, outlives dom0, and ends with the host.
/// </summary>
internal sealed class ConfigDrives(DataDirectory data) : IDisposable
{
    private const string Program = "xorriso";
    private const string Suffix = ".iso";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _one = new(1);

    public bool Has(string domain) => File.Exists(PathOf(domain));

    /// <summary>For a device. A drive that is lost, while its guest lives on, gives errors.</summary>
    public IDisk Open(string domain) => Has(domain) ? RawDisk.Open(PathOf(domain), isReadOnly: true) : new FailedDisk(0, isReadOnly: true);

    /// <summary>What a start brings, if it brings anything.</summary>
    public Task TakeAsync(DomainRecord record, StartSettings? settings) => record.Spec is { ConfigDrive: { } drive } && settings is { ConfigFiles.Count: > 0 }
        ? WriteAsync(record.Id, drive, settings.ConfigFiles)
        : Task.CompletedTask;

    /// <summary>In the place of the one before; whoever has that one open keeps it.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    private async Task WriteAsync(string domain, string label, IReadOnlyList<ConfigFile> files)
    {
        await _one.WaitAsync();
        var pending = Path.Combine(data.ConfigDrives, $".{domain}");
        try
        {
            Mount();
            DataDirectory.Make(pending, DataDirectory.Private);
            foreach (var file in files)
            {
                await File.WriteAllBytesAsync(Path.Combine(pending, file.Name), file.Content);
            }

            await MakeAsync(label, pending, pending + Suffix);
            File.Move(pending + Suffix, PathOf(domain), overwrite: true);
        }
        finally
        {
            if (Directory.Exists(pending))
            {
                Directory.Delete(pending, recursive: true);
                File.Delete(pending + Suffix);
            }

            _one.Release();
        }
    }

    /// <summary>Safe if there is none.</summary>
    public Task RemoveAsync(string domain) => RemoveAsync(owner => owner == domain);

    /// <summary>What no journal knows, and what a writing left that didn't end.</summary>
    public Task RemoveUnknownAsync(Func<string, bool> isDomain) => RemoveAsync(owner => !isDomain(owner));

    public void Dispose() => _one.Dispose();

    private string PathOf(string domain) => Path.Combine(data.ConfigDrives, domain + Suffix);

    private async Task RemoveAsync(Func<string, bool> isGone)
    {
        await _one.WaitAsync();
        try
        {
            if (!Directory.Exists(data.ConfigDrives))
            {
                return;
            }

            foreach (var entry in new DirectoryInfo(data.ConfigDrives).EnumerateFileSystemInfos().ToList())
            {
                if (entry is DirectoryInfo folder)
                {
                    folder.Delete(recursive: true);
                }
                else if (isGone(Path.GetFileNameWithoutExtension(entry.Name)))
                {
                    entry.Delete();
                }
            }

            Unmount();
        }
        finally
        {
            _one.Release();
        }
    }

    private void Mount()
    {
        DataDirectory.Make(data.ConfigDrives, DataDirectory.Private);
        if (!Mounts.IsMountPoint(data.ConfigDrives))
        {
            Mounts.MountMemory(data.ConfigDrives, "mode=0700");
        }
    }

    private void Unmount()
    {
        if (Directory.EnumerateFileSystemEntries(data.ConfigDrives).Any())
        {
            return;
        }

        if (Mounts.IsMountPoint(data.ConfigDrives))
        {
            Mounts.Unmount(data.ConfigDrives);
        }

        Directory.Delete(data.ConfigDrives);
    }

    /// <summary>Rock Ridge, for names as they are; nobody's settings count.</summary>
    private static async Task MakeAsync(string label, string files, string image)
    {
        if (HostCommand.Find(Program) is null)
        {
            throw new IOException("xorriso is not installed, which makes config drives: apt-get install xorriso");
        }

        var made = await HostCommand.RunAsync(
            Program, ["-no_rc", "-as", "mkisofs", "-quiet", "-R", "-no-pad", "-V", label, "-o", image, files], Limit, CancellationToken.None);
        if (!made.Succeeded)
        {
            throw new IOException($"xorriso failed: {made.Output.Trim()}");
        }
    }
}

using System.Formats.Tar;

namespace Orchestrator.Cli.Copying;

/// <summary>
/// Lays an archive from a container down at a target. Nothing is written through a link, and no owner, device or privilege of the
/// container's comes here. A file appears when it is whole.
/// </summary>
/// <param name="top">What the archive was asked for; its members lie below it.</param>
/// <param name="target">Where that goes: a path that may be there or not; the folder that it lies in is there.</param>
/// <param name="refuse">Hears of each member that is left out, and why.</param>
internal sealed class Unpacking(string top, string target, Action<string> refuse)
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Folders get their modes last: one of them may forbid writing.</summary>
    private readonly List<(string Path, UnixFileMode Mode)> _folders = [];

    /// <summary>How many members have been laid down.</summary>
    public int Count { get; private set; }

    /// <exception cref="InvalidDataException">It is no tar archive, or is cut off.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task RunAsync(Stream archive, CancellationToken cancellation)
    {
        await using var reader = new TarReader(archive);
        while (await reader.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
        {
            if (ArchiveNames.Below(entry.Name, top) is not { } parts) refuse($"{entry.Name}: its name leads out of the target");
            else if (LinkAbove(parts) is { } link) refuse($"{entry.Name}: {link} is a link, and nothing is written through it");
            else if (await LayAsync(entry, parts, cancellation) is { } problem) refuse($"{entry.Name}: {problem}");
            else Count++;
        }

        for (var i = _folders.Count - 1; i >= 0; i--) File.SetUnixFileMode(_folders[i].Path, _folders[i].Mode);
    }

    /// <returns>Why it can't be laid down here.</returns>
    private async Task<string?> LayAsync(TarEntry entry, IReadOnlyList<string> parts, CancellationToken cancellation)
    {
        var path = PathOf(parts);
        if (parts.Count > 0) Directory.CreateDirectory(Path.GetDirectoryName(path)!, Owner);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory when parts.Count > 0 && new DirectoryInfo(path).LinkTarget is not null:
                return "a link of its name is there already";
            case TarEntryType.Directory:
                if (Directory.Exists(path)) return null;
                Directory.CreateDirectory(path, Owner);
                _folders.Add((path, entry.Mode & Permissions));
                return null;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                await WriteAsync(entry.DataStream, path, entry.Mode & Permissions, cancellation);
                return null;
            case TarEntryType.HardLink:
                return await CopyAsync(entry, path, cancellation);
            case TarEntryType.SymbolicLink when parts.Count == 0:
                return $"it is a link to {entry.LinkName}: copy that";
            case TarEntryType.SymbolicLink when ArchiveNames.StaysBelow(entry.LinkName, parts.Count - 1):
                File.Delete(path);
                File.CreateSymbolicLink(path, entry.LinkName);
                return null;
            case TarEntryType.SymbolicLink:
                return $"it is a link to {entry.LinkName}, which leads out of the target";
            default:
                return "it is neither a file, a folder nor a link";
        }
    }

    /// <summary>A second name of a file that has come before becomes a copy of it.</summary>
    private async Task<string?> CopyAsync(TarEntry entry, string path, CancellationToken cancellation)
    {
        if (ArchiveNames.Below(entry.LinkName, top) is not { } parts || LinkAbove(parts) is not null) return $"it is {entry.LinkName}, which leads out of the target";
        var source = new FileInfo(PathOf(parts));
        if (!source.Exists || source.LinkTarget is not null) return $"it is {entry.LinkName}, which has not come before it";
        await using var data = source.OpenRead();
        await WriteAsync(data, path, source.UnixFileMode, cancellation);
        return null;
    }

    private static async Task WriteAsync(Stream? data, string path, UnixFileMode mode, CancellationToken cancellation)
    {
        var whole = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetRandomFileName()}.orc-cp");
        try
        {
            await using (var file = new FileStream(whole, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Owner }))
            {
                if (data is not null) await data.CopyToAsync(file, cancellation);
                // The reader of archives takes the end of its stream for that of the member.
                if (file.Length != (data?.Length ?? 0)) throw new EndOfStreamException($"{path}: the archive is cut off");
            }

            File.SetUnixFileMode(whole, mode);
            File.Move(whole, path, overwrite: true);
        }
        catch
        {
            File.Delete(whole);
            throw;
        }
    }

    /// <summary>A folder on the way that is none but a link; the target itself is the user's choice, and may be one.</summary>
    private string? LinkAbove(IReadOnlyList<string> parts) => Enumerable.Range(1, Math.Max(0, parts.Count - 1))
        .Select(depth => PathOf(parts.Take(depth))).FirstOrDefault(path => new DirectoryInfo(path).LinkTarget is not null);

    private string PathOf(IEnumerable<string> parts) => Path.Combine([target, .. parts]);
}

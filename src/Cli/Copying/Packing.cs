using System.Formats.Tar;

namespace Orchestrator.Cli.Copying;

/// <summary>Writes a file or a folder with all that is in it as an archive; links stay links.</summary>
internal static class Packing
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    /// <param name="source">What to pack.</param>
    /// <param name="name">What it is called in the archive.</param>
    /// <exception cref="IOException">Something of it can't be read; the message names it.</exception>
    public static async Task WriteAsync(string source, string name, Stream archive, CancellationToken cancellation)
    {
        // The one form of long names that every tar knows, busybox's too.
        await using var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true);
        await AddAsync(writer, File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source, name, cancellation);
    }

    private static async Task AddAsync(TarWriter writer, string path, string name, CancellationToken cancellation)
    {
        try
        {
            await writer.WriteEntryAsync(path, name, cancellation);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }

        var folder = new DirectoryInfo(path);
        if (!folder.Exists || folder.LinkTarget is not null) return;
        foreach (var inner in Directory.EnumerateFileSystemEntries(path, "*", Everything).Order(StringComparer.Ordinal))
            await AddAsync(writer, inner, $"{name}/{Path.GetFileName(inner)}", cancellation);
    }
}

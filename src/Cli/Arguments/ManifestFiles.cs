using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Arguments;

/// <summary>One text with manifests, and how errors name it.</summary>
internal sealed record ManifestText(string Source, byte[] Text);

/// <summary>Finds and reads what <c>-f</c> names: files, folders (their .yaml, .yml and .json in order), standard input.</summary>
internal static class ManifestFiles
{
    private static readonly string[] Extensions = [".json", ".yaml", ".yml"];

    /// <exception cref="CommandException">Nothing is named, or something isn't there or can't be read.</exception>
    public static async Task<IReadOnlyList<ManifestText>> ReadAsync(
        IReadOnlyList<string> paths, bool recursive, Stream standardInput, CancellationToken cancellation)
    {
        if (paths.Count == 0) throw new CommandException("must specify -f");
        var texts = new List<ManifestText>();
        foreach (var path in paths)
        {
            if (path == "-")
            {
                var buffer = new MemoryStream();
                await foreach (var chunk in InputReader.Start(standardInput).ReadAllAsync(cancellation)) buffer.Write(chunk);
                texts.Add(new ManifestText("stdin", buffer.ToArray()));
                continue;
            }
            foreach (var file in Expand(path, recursive)) texts.Add(new ManifestText(file, await ReadFileAsync(file, cancellation)));
        }
        return texts;
    }

    private static List<string> Expand(string path, bool recursive)
    {
        if (path.Contains("://", StringComparison.Ordinal))
            throw new CommandException($"the path \"{path}\" is a URL; fetch it first and pipe it in: curl -sSf URL | orc apply -f -");
        if (!Directory.Exists(path)) return [path];
        var depth = recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly;
        var files = Directory.EnumerateFiles(path, "*", depth)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        return files.Count > 0
            ? files
            : throw new CommandException($"error reading [{path}]: recognized file extensions are [.json .yaml .yml]");
    }

    private static async Task<byte[]> ReadFileAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, cancellation);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"the path \"{file}\" does not exist", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the path \"{file}\" cannot be read: {exception.Message}", exception);
        }
    }
}

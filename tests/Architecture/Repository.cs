using System.Diagnostics;

namespace Orchestrator.Architecture;

/// <summary>The work tree that this test was built in. Paths are relative to it, with forward slashes.</summary>
internal static class Repository
{
    public static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static readonly Lazy<string[]> TrackedFiles = new(ListTracked);

    /// <summary>Every file that git tracks and that is still there.</summary>
    public static IReadOnlyList<string> Tracked => TrackedFiles.Value;

    public static string Full(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(Full(path));

    /// <summary>The files below a folder whose name ends so, tracked or new, without what a build leaves behind.</summary>
    public static IEnumerable<string> Files(string folder, string ending) => !Directory.Exists(Full(folder)) ? [] : Directory
        .EnumerateFiles(Full(folder), "*" + ending, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or ".git"))
        .Order(StringComparer.Ordinal);

    /// <summary>The source files of one project, or of all.</summary>
    public static IEnumerable<string> Sources(string project = "") => Files($"src/{project}", ".cs");

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository."),
        _ when File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")) => folder.FullName,
        _ => Find(folder.Parent),
    };

    private static string[] ListTracked()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Root, "ls-files", "-z"]) { RedirectStandardOutput = true })!;
        var paths = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        if (git.ExitCode != 0) throw new InvalidOperationException($"git ls-files ended with {git.ExitCode}.");
        return [.. paths.Where(path => File.Exists(Full(path)))];
    }
}

using System.Diagnostics;

namespace Orchestrator.Silo.Tests.Cluster;

/// <summary>A file system of a few megabytes that a test can fill and empty. Making one needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int megabytes) => Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", _folder.Path);

    public string Path => _folder.Path;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public void Fill()
    {
        using var filler = File.Create(Filler);
        var page = new byte[4096];
        try
        {
            while (true) RandomAccess.Write(filler.SafeFileHandle, page, RandomAccess.GetLength(filler.SafeFileHandle));
        }
        catch (IOException)
        {
            // No page is left.
        }
    }

    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", Path);
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}

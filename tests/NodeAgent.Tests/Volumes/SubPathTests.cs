using Orchestrator.NodeAgent.Configuration;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Tests.Volumes;

/// <summary>A part of a volume in which somebody else writes whatever he likes.</summary>
public sealed class SubPathTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sub-path").FullName;

    private string Volume => Path.Join(_folder, "volume");

    private string At => Path.Join(_folder, "at", "0");

    public SubPathTests()
    {
        Directory.CreateDirectory(Volume);
        Directory.CreateDirectory(Path.Join(_folder, "outside"));
        File.WriteAllText(Path.Join(_folder, "outside", "secret"), "the host's");
    }

    public void Dispose()
    {
        foreach (var mount in FileSystem.MountsWithin(_folder)) FileSystem.Unmount(mount);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("a//b/./c/")]
    public void A_folder_is_made_and_shown(string subPath)
    {
        SubPaths.Show(Volume, subPath, At);
        File.WriteAllText(Path.Join(At, "written"), "here");
        Assert.Equal("here", File.ReadAllText(Path.Join(Volume, "a/b/c/written")));
    }

    [Fact]
    public void A_file_is_shown_and_another_in_its_next_life()
    {
        File.WriteAllText(Path.Join(Volume, "file"), "one");
        SubPaths.Show(Volume, "file", At);
        Assert.Equal("one", File.ReadAllText(At));
        File.Delete(Path.Join(Volume, "file"));
        Directory.CreateDirectory(Path.Join(Volume, "file"));
        SubPaths.Show(Volume, "file", At);
        Assert.True(Directory.Exists(At));
        Assert.Single(FileSystem.MountsWithin(_folder));
    }

    /// <summary>CVE-2017-1002101 and CVE-2021-25741: a link in the way shows what is outside.</summary>
    [Theory]
    [InlineData("link/secret")]
    [InlineData("link")]
    [InlineData("deep/link/secret")]
    public void A_link_is_never_followed(string subPath)
    {
        Directory.CreateDirectory(Path.Join(Volume, "deep"));
        foreach (var link in (string[])["link", "deep/link"]) File.CreateSymbolicLink(Path.Join(Volume, link), Path.Join(_folder, "outside"));
        var refused = Assert.Throws<ConfigurationProblemException>(() => SubPaths.Show(Volume, subPath, At));
        Assert.Contains("symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Empty(FileSystem.MountsWithin(_folder));
    }

    /// <summary>A mount that isn't seen would be deleted through.</summary>
    [Fact]
    public void Mounts_are_seen_under_any_name()
    {
        var odd = Path.Join(_folder, "a b\tc\\d\ne");
        SubPaths.Show(Volume, "part", Path.Join(odd, "0"));
        Assert.Equal([Path.Join(odd, "0")], FileSystem.MountsWithin(odd));
    }

    [Fact]
    public void Nothing_climbs_out()
    {
        Assert.Throws<ConfigurationProblemException>(() => SubPaths.Show(Volume, "a/../../outside", At));
        Assert.Empty(FileSystem.MountsWithin(_folder));
    }
}

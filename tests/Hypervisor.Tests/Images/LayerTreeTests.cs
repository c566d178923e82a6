using CsCheck;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Tests.Images;

public sealed class LayerTreeTests
{
    [Fact]
    public async Task LaterLayersReplaceDeleteAndEmpty()
    {
        var tree = await FlattenAsync(
            new LayerArchive().Folder("a").File("a/one", "1").File("a/two", "2").Folder("b").File("b/three", "3").File("c", "4"),
            new LayerArchive().File("a/one", "longer").File("a/.wh.two", "").File("b/.wh..wh..opq", "").File("b/new", "5").File(".wh.c", ""));

        Assert.Equal(6, tree.Find("a/one")!.Bytes);
        Assert.Null(tree.Find("a/two"));
        Assert.Null(tree.Find("b/three"));
        Assert.NotNull(tree.Find("b/new"));
        Assert.Null(tree.Find("c"));
    }

    [Fact]
    public async Task WhiteoutsNeverDeleteWhatTheirOwnLayerBrings()
    {
        var tree = await FlattenAsync(
            new LayerArchive().Folder("a").File("a/old", "1"),
            new LayerArchive().Folder("a").File("a/new", "2").File(".wh.a", "").File("a/.wh..wh..opq", ""));

        Assert.NotNull(tree.Find("a/new"));
        Assert.Null(tree.Find("a/old"));
    }

    [Fact]
    public async Task LinksLeadInsideTheTreeOnly()
    {
        var tree = await FlattenAsync(
            new LayerArchive().Link("out", "/../../../etc").Link("up", "../../.."),
            new LayerArchive().File("out/passwd", "mine").File("up/top", "mine"));

        Assert.NotNull(tree.Root.Children!["etc"].Children!["passwd"]);
        Assert.NotNull(tree.Root.Children["top"]);
        Assert.Equal("/../../../etc", tree.Root.Children["out"].Target);
    }

    [Fact]
    public async Task AFilesOtherNamesAreTheSameFile()
    {
        var tree = await FlattenAsync(new LayerArchive().File("one", "1").Link("soft", "one").HardLink("two", "one").HardLink("three", "soft"));

        Assert.Same(tree.Find("one"), tree.Find("two"));
        Assert.Equal("one", tree.Root.Children!["three"].Target);
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("a/../../escape")]
    public async Task NamesThatClimbAreRefused(string name)
    {
        var error = await Assert.ThrowsAsync<InvalidImageException>(() => FlattenAsync(new LayerArchive().File(name, "x")));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinksInACircleAreRefused() =>
        await Assert.ThrowsAsync<InvalidImageException>(
            () => FlattenAsync(new LayerArchive().Link("a", "b").Link("b", "a").File("a/x", "1")));

    [Fact]
    public async Task AHardLinkToAFolderOrToNothingIsRefused()
    {
        await Assert.ThrowsAsync<InvalidImageException>(() => FlattenAsync(new LayerArchive().HardLink("a", "nothing")));
        await Assert.ThrowsAsync<InvalidImageException>(() => FlattenAsync(new LayerArchive().Folder("a").HardLink("b", "a")));
        await Assert.ThrowsAsync<InvalidImageException>(() => FlattenAsync(new LayerArchive().HardLink("b", "../../etc/shadow")));
    }

    [Fact]
    public async Task LimitsAreKept()
    {
        var limits = ImageLimits.Default with { Entries = 3, UnpackedBytes = 10_000 };
        await Assert.ThrowsAsync<InvalidImageException>(
            () => FlattenAsync(limits, new LayerArchive().File("a", "").File("b", "").File("c", "").File("d", "")));
        await Assert.ThrowsAsync<InvalidImageException>(() => FlattenAsync(limits, new LayerArchive().File("a/b/c/d", "")));
        await Assert.ThrowsAsync<InvalidImageException>(() => FlattenAsync(limits, new LayerArchive().File("a", new string('x', 10_001))));
    }

    [Fact]
    public async Task DevicesAreLeftOut() => Assert.Null((await FlattenAsync(new LayerArchive().Device("dev/sda"))).Find("dev/sda"));

    /// <summary>Any sequence of names, links and whiteouts gives a tree whose every name is one plain file name, or a clear refusal.</summary>
    [Fact]
    public void NoSequenceOfEntriesLeadsOutside()
    {
        var part = OneOf("a", "b", "c", "..", ".", "", ".wh.a", ".wh..wh..opq", "/");
        var path = part.Array[1, 5].Select(parts => string.Join('/', parts));
        var entry = Gen.Select(Gen.Enum<TarEntryKind>(), path, path, (kind, name, target) => new TarEntry(kind, name, target, 0x1ED, 0, 0, 0, 0));
        entry.List[1, 40].Holds(
            entries =>
            {
                var tree = new LayerTree(ImageLimits.Default with { Entries = 500 });
                var number = 0;
                foreach (var item in entries)
                {
                    try
                    {
                        tree.Apply(item, new ContentPlace(0, number++));
                    }
                    catch (InvalidImageException)
                    {
                        // A refusal is as good; anything else is not.
                    }
                }

                Check(tree.Root);
            },
            iter: 3_000);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void Check(TreeNode folder)
    {
        foreach (var (name, node) in folder.Children!)
        {
            Assert.DoesNotContain('/', name);
            Assert.NotEqual("..", name);
            Assert.NotEqual(".", name);
            Assert.NotEqual("", name);
            Assert.False(name.StartsWith(".wh.", StringComparison.Ordinal));
            if (node.Children is not null)
            {
                Check(node);
            }
        }
    }

    private static Task<LayerTree> FlattenAsync(params LayerArchive[] layers) => FlattenAsync(ImageLimits.Default, layers);

    private static async Task<LayerTree> FlattenAsync(ImageLimits limits, params LayerArchive[] layers)
    {
        var tree = new LayerTree(limits);
        for (var layer = 0; layer < layers.Length; layer++)
        {
            tree.BeginLayer();
            using var content = new MemoryStream(layers[layer].ToArray());
            var tar = new TarStream(content, limits);
            for (var number = 0; await tar.NextAsync(default) is { } entry; number++)
            {
                tree.Apply(entry, new ContentPlace(layer, number));
            }
        }

        return tree;
    }
}

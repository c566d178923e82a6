using Orchestrator.Hypervisor.Disks.Import;
using Orchestrator.Hypervisor.Hosting;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Tests.Disks;

public sealed class Qcow2ImportTests : IDisposable
{
    private const long UserId = 231_077;
    private const long MostBytes = 64 << 20;

    private readonly string _root = Directory.CreateTempSubdirectory("dom0-import-").FullName;

    public Qcow2ImportTests() => File.SetUnixFileMode(_root, DataDirectory.Passable);

    private string Source => Path.Combine(_root, "image.qcow2");

    private string Result => Path.Combine(_root, "image.raw");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("compat=0.10")]
    [InlineData("compat=1.1")]
    [InlineData("compat=1.1,extended_l2=on")]
    public async Task AnImageBecomesItsDisk(string options)
    {
        var content = new byte[5 << 20];
        new Random(3).NextBytes(content.AsSpan(1 << 20, 2 << 20));
        var raw = Path.Combine(_root, "raw");
        File.WriteAllBytes(raw, content);
        await QemuImg("convert", "-O", "qcow2", "-o", options, raw, Source);
        await ImportAsync();

        Assert.Equal(content, File.ReadAllBytes(Result));
        Assert.Equal(0, FileSystem.OwnerOf(Result));
        Assert.False(File.Exists(Source));
    }

    [Fact]
    public async Task AnImageOnAnotherIsRefused()
    {
        var secret = Path.Combine(_root, "secret");
        File.WriteAllBytes(secret, new byte[1 << 20]);
        await QemuImg("create", "-f", "qcow2", "-b", secret, "-F", "raw", Source);
        await AssertRefused("backing file");
    }

    [Fact]
    public async Task AnImageWithItsDataElsewhereIsRefused()
    {
        await QemuImg("create", "-f", "qcow2", "-o", $"data_file={Path.Combine(_root, "data")}", Source, "1M");
        await AssertRefused("another file");
    }

    [Fact]
    public async Task AnImageThatIsTooLargeIsRefused()
    {
        await QemuImg("create", "-f", "qcow2", Source, "1T");
        await AssertRefused("are allowed");
    }

    [Fact]
    public async Task WhatIsNoImageIsRefused()
    {
        File.WriteAllBytes(Source, new byte[1 << 20]);
        await AssertRefused("no qcow2");
    }

    [Fact]
    public async Task ABrokenImageIsRefused()
    {
        await QemuImg("create", "-f", "qcow2", Source, "1M");
        var content = File.ReadAllBytes(Source);
        content.AsSpan(40, 8).Fill(0x7F); // where its first table is said to be
        File.WriteAllBytes(Source, content);
        await AssertRefused("could not read");
    }

    private Task ImportAsync()
    {
        var folder = Path.Combine(_root, "staging");
        Directory.CreateDirectory(folder);
        return Qcow2Import.RunAsync(Source, Result, folder, UserId, MostBytes, CancellationToken.None);
    }

    private async Task AssertRefused(string said)
    {
        Assert.Contains(said, (await Assert.ThrowsAsync<RefusedImageException>(ImportAsync)).Message);
        Assert.False(File.Exists(Result));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "staging")));
    }

    private static async Task QemuImg(params string[] arguments)
    {
        var result = await HostCommand.RunAsync("qemu-img", arguments, TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.True(result.Succeeded, result.Output);
    }
}

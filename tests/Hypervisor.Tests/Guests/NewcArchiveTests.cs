using CsCheck;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Tests.Guests;

public sealed class NewcArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dom0-cpio-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AnotherCpioUnpacksWhatWeWrite()
    {
        var archive = new NewcArchive();
        archive.AddFolder("bin");
        archive.AddFile("bin/odd-name-ü", NewcArchive.Executable, "12345"u8);
        archive.AddFile("empty", NewcArchive.PrivateFile, []);
        var file = Path.Combine(_folder, "archive");
        await File.WriteAllBytesAsync(file, archive.ToArray());

        var unpacked = await HostCommand.RunAsync("busybox", ["sh", "-c", $"cd {_folder} && busybox cpio -idm <archive"], TimeSpan.FromSeconds(10), default);

        Assert.True(unpacked.Succeeded, unpacked.Output);
        Assert.Equal("12345", await File.ReadAllTextAsync(Path.Combine(_folder, "bin/odd-name-ü")));
        Assert.True(File.GetUnixFileMode(Path.Combine(_folder, "bin/odd-name-ü")).HasFlag(UnixFileMode.OtherExecute));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "empty")));
    }

    [Fact]
    public void EveryArchiveEndsOnTheBoundaryThatTheNextOneNeeds() =>
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 30], Gen.Byte.Array[0, 50]).List[0, 5].Holds(files =>
        {
            var archive = new NewcArchive();
            files.ForEach(file => archive.AddFile(file.Item1, NewcArchive.ReadableFile, file.Item2));
            return archive.ToArray().Length % 4 == 0;
        });
}

using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Connection;

public sealed class ConfigFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orc-config-").FullName;
    private readonly Orc _orc;

    public ConfigFileTests()
    {
        _orc = new Orc("http://127.0.0.1:1");
        _orc.Variables["ORC_CONFIG"] = Path.Combine(_folder, "a", "config.yaml");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Contexts_are_kept_used_and_removed()
    {
        Assert.Equal("Context \"lab\" created.\n", (await _orc.RunAsync("config set-context lab --server=10.0.0.5:7650 -n team")).Out);
        Assert.Equal("Context \"home\" created.\n", (await _orc.RunAsync("config set-context home --server unix:///run/o.sock")).Out);
        Assert.Equal("lab\n", (await _orc.RunAsync("config current-context")).Out);
        Assert.Equal("Switched to context \"home\".\n", (await _orc.RunAsync("config use-context home")).Out);
        Assert.Equal(
            "CURRENT   NAME   SERVER                 NAMESPACE\n          lab    http://10.0.0.5:7650   team\n*         home   unix:///run/o.sock     \n",
            (await _orc.RunAsync("config get-contexts")).Out);
        Assert.Equal("Context \"home\" modified.\n", (await _orc.RunAsync("config set-context --current --namespace=test")).Out);
        Assert.Equal(0, (await _orc.RunAsync("config delete-context lab")).ExitCode);
        Assert.Equal(
            "apiVersion: config.orchestrator.dev/v1\nkind: Config\ncurrent-context: \"home\"\ncontexts:\n- name: \"home\"\n  server: \"unix:///run/o.sock\"\n  namespace: \"test\"\n",
            (await _orc.RunAsync("config view")).Out);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_orc.Variables["ORC_CONFIG"]));
    }

    [Theory]
    [InlineData("config use-context nope", "error: no context exists with the name: \"nope\"")]
    [InlineData("config current-context", "error: current-context is not set")]
    [InlineData("config set-context x --server ftp://a", "error: \"ftp://a\" is no server address")]
    [InlineData("config set-context", "error: give either a name or --current")]
    public async Task What_can_not_be_is_refused(string line, string error)
    {
        var outcome = await _orc.RunAsync(line);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(error, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_file_is_named_with_its_line()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "a"));
        await File.WriteAllTextAsync(_orc.Variables["ORC_CONFIG"], "contexts:\n- [\n");
        Assert.Matches("config.yaml:\\d", (await _orc.RunAsync("config view")).Error);
    }

    [Theory]
    [InlineData("127.0.0.1:7650", "http://127.0.0.1:7650")]
    [InlineData("https://cluster.example:443", "https://cluster.example")]
    [InlineData("unix:///run/orc.sock", "unix:///run/orc.sock")]
    [InlineData("unix:/run/orc.sock", "unix:///run/orc.sock")]
    public void Addresses_are_read(string text, string expected) => Assert.Equal(expected, ClusterAddress.Parse(text).ToString());
}

using System.Threading.Channels;
using Grpc.Core;
using Orchestrator.Client;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Tests.Cluster;

namespace Orchestrator.Silo.Tests.Client;

/// <summary>The client package against a real silo.</summary>
public sealed class ClientTests
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Objects_are_made_read_changed_and_deleted_as_what_they_are()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.Start(folder.Path);
        using var client = ClientOf(silo);
        var maps = client.Of<ConfigMap>("default");
        var made = await maps.CreateAsync(Map("one", "a"), Limit);
        Assert.NotEmpty(made.Metadata.Uid);
        Assert.Equal("AlreadyExists", await ReasonAsync(maps.CreateAsync(Map("one", "a"), Limit)));
        Assert.Equal(made, await maps.GetAsync("one", Limit));
        Assert.Null(await maps.FindAsync("none", Limit));
        Assert.Equal("NotFound", await ReasonAsync(maps.GetAsync("none", Limit)));

        made.Data["value"] = "b";
        var changed = await maps.UpdateAsync(made, Limit);
        Assert.Equal("b", changed.Data["value"]);
        Assert.Equal("Conflict", await ReasonAsync(maps.UpdateAsync(made, Limit)));
        Assert.Equal("c", (await maps.PatchAsync("one", """{"data":{"value":"c"}}""", Limit)).Data["value"]);
        Assert.Equal("d", (await maps.ApplyAsync(Map("one", "d"), "first", cancellation: Limit)).Data["value"]);
        Assert.Equal("Conflict", await ReasonAsync(maps.ApplyAsync(Map("one", "e"), "second", cancellation: Limit)));
        Assert.Equal("e", (await maps.ApplyAsync(Map("one", "e"), "second", force: true, Limit)).Data["value"]);

        for (var i = 0; i < 3; i++) await maps.CreateAsync(Map($"more-{i}", "x", ("part", i == 0 ? "first" : "rest")), Limit);
        Assert.Equal(["more-1", "more-2"], (await maps.ListAsync(new ObjectSelector("part=rest"), Limit)).Items.Select(map => map.Metadata.Name));
        Assert.Equal("more-0", Assert.Single((await client.Of<ConfigMap>("").ListAsync(new ObjectSelector(Fields: "metadata.name=more-0"), Limit)).Items).Metadata.Name);
        Assert.Equal("Conflict", await ReasonAsync(maps.DeleteAsync("one", uid: "another", Limit)));
        Assert.True(await maps.DeleteAsync("one", cancellation: Limit));

        // What has no namespaces asks for none.
        Assert.Equal("default", (await client.Of<Namespace>().GetAsync("default", Limit)).Metadata.Name);
    }

    /// <summary>Two kills: after the first the watch goes on, or lists anew if the silo no longer has its version; the cache is right either way.</summary>
    [Fact(Timeout = 120_000)]
    public async Task An_informer_misses_and_repeats_nothing_while_its_server_dies()
    {
        using var folder = new TemporaryFolder();
        var silo = await SiloProcess.Start(folder.Path);
        try
        {
            using var client = ClientOf(silo);
            var maps = client.Of<ConfigMap>("default");
            await maps.CreateAsync(Map("present", "0"), Limit);
            var (telling, told) = (Channel.CreateUnbounded<string>(), new List<string>());
            await using var informer = maps.Inform(new InformerHandlers<ConfigMap>
            {
                Added = map => Tell($"+{map.Metadata.Name}={map.Data["value"]}"),
                Modified = (before, map) => Tell($"~{map.Metadata.Name}={before.Data["value"]}>{map.Data["value"]}"),
                Deleted = map => Tell($"-{map.Metadata.Name}"),
            });
            await informer.Synced.WaitAsync(Limit);
            Assert.Equal("0", informer.Find("default", "present")!.Data["value"]);

            await maps.PatchAsync("present", """{"data":{"value":"1"}}""", Limit);
            await maps.CreateAsync(Map("passing", "0"), Limit);
            await maps.DeleteAsync("passing", cancellation: Limit);
            await Hears("-passing");
            for (var kill = 1; kill <= 2; kill++)
            {
                silo = await silo.KillAndStartAgain();
                // A client of its own: the informer's may not have come back yet.
                using var other = ClientOf(silo);
                await other.Of<ConfigMap>("default").CreateAsync(Map($"after-{kill}", "0"), Limit);
                await other.Of<ConfigMap>("default").DeleteAsync(kill == 1 ? "present" : "after-1", cancellation: Limit);
                await Hears(kill == 1 ? "-present" : "-after-1");
                await Hears($"+after-{kill}=0");
            }

            await informer.DisposeAsync();
            while (telling.Reader.TryRead(out var last)) told.Add(last);
            Assert.Equal(["after-2"], informer.Objects.Keys.Select(key => key.Name));
            Assert.Equal(["+after-1=0", "+after-2=0", "+passing=0", "+present=0", "-after-1", "-passing", "-present", "~present=0>1"], told.Order(StringComparer.Ordinal));
            Assert.True(informer.Completion.IsCompletedSuccessfully);

            Task Tell(string line) => telling.Writer.WriteAsync(line, Limit).AsTask();

            async Task Hears(string line)
            {
                while (!told.Contains(line)) told.Add(await telling.Reader.ReadAsync(Limit));
            }
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task An_informer_whose_handler_fails_ends_with_that()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.Start(folder.Path);
        using var client = ClientOf(silo);
        await client.Of<ConfigMap>().CreateAsync(Map("one", "a"), Limit);
        await using var informer = client.Of<ConfigMap>().Inform(new InformerHandlers<ConfigMap> { Added = _ => throw new InvalidDataException("no") });
        await Assert.ThrowsAsync<InvalidDataException>(() => informer.Synced.WaitAsync(Limit));
        await Assert.ThrowsAsync<InvalidDataException>(() => informer.Completion);
    }

    private static ClusterClient ClientOf(SiloProcess silo) => ClusterClient.Open(ClusterAddress.Parse(silo.Channel.Target));

    private static ConfigMap Map(string name, string value, params (string Key, string Value)[] labels)
    {
        var map = new ConfigMap { Metadata = new ObjectMeta { Name = name }, Data = { ["value"] = value } };
        foreach (var (key, text) in labels) map.Metadata.Labels.Add(key, text);
        return map;
    }

    private static async Task<string> ReasonAsync(Task call) => ClusterErrors.ReasonOf(await Assert.ThrowsAsync<RpcException>(() => call));
}

using System.Text.Json.Nodes;

namespace Orchestrator.Silo.Tests.Rest;

/// <summary>A watch over REST: one event a line.</summary>
internal sealed class WatchStream(HttpResponseMessage response, StreamReader lines) : IDisposable
{
    public static async Task<WatchStream> Open(RestSilo silo, string pathAndQuery)
    {
        var response = await silo.Http.GetAsync(pathAndQuery, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return new WatchStream(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<(string Type, JsonNode Object)?> Next() =>
        await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && JsonNode.Parse(line) is { } one ? ((string)one["type"]!, one["object"]!) : null;

    /// <summary>Type and name of the next event.</summary>
    public async Task<string> NextName() => await Next() is { } one ? $"{one.Type} {one.Object["metadata"]!["name"]}" : "end";

    /// <summary>The first object that an event of this type shows so.</summary>
    public async Task<JsonNode> Until(string type, Func<JsonNode, bool> holds)
    {
        while (true)
        {
            var (seen, obj) = await Next() ?? throw new InvalidOperationException("the watch has ended");
            if ((type.Length == 0 || seen == type) && holds(obj)) return obj;
        }
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Conformance.Fakes;

/// <summary>The stream server's half of v4.channel.k8s.io over SPDY/3.1, for the scripts that the kit runs.</summary>
internal sealed class FakeExec(FakeSpdy spdy, string script)
{
    private readonly Dictionary<string, int> _streams = [];
    private readonly StringBuilder _input = new();
    private bool _inputEnded;

    public static Task RunAsync(HttpContext context) => ServeAsync(context, context.Request.Query["script"].ToString());

    /// <summary>Joins a container that waits in its <c>cat</c>, and lets it go on when the input has ended.</summary>
    public static Task AttachAsync(HttpContext context, FakeContainerd host)
        => ServeAsync(context, "cat", () => host.Continue(context.Request.Query["container"].ToString()));

    private static async Task ServeAsync(HttpContext context, string script, Action? ended = null)
    {
        await using var spdy = await FakeSpdy.AcceptAsync(context, "v4.channel.k8s.io");
        await new FakeExec(spdy, script).RunAsync(context.Request.Query["streams"].ToString().Split(','), ended);
    }

    private async Task RunAsync(string[] wanted, Action? ended)
    {
        while (!wanted.All(_streams.ContainsKey)) await ReadFrameAsync();
        var exit = 0;
        foreach (var statement in script.Split(';', StringSplitOptions.TrimEntries))
        {
            if (statement.StartsWith("exit ", StringComparison.Ordinal)) exit = int.Parse(statement["exit ".Length..], System.Globalization.CultureInfo.InvariantCulture);
            else if (statement == "cat") await CatAsync();
            else if (statement.EndsWith(">&2", StringComparison.Ordinal)) await SendAsync("stderr", statement["echo ".Length..^3].TrimEnd() + "\n", false);
            else if (statement.StartsWith("echo ", StringComparison.Ordinal)) await SendAsync("stdout", statement["echo ".Length..] + "\n", false);
        }

        ended?.Invoke();
        await SendAsync("error", JsonSerializer.Serialize(exit == 0
            ? new { status = "Success", reason = "", details = new { causes = Array.Empty<object>() } }
            : new { status = "Failure", reason = "NonZeroExitCode", details = new { causes = new object[] { new { reason = "ExitCode", message = $"{exit}" } } } }), true);
    }

    private async Task CatAsync()
    {
        while (!_inputEnded)
        {
            await ReadFrameAsync();
            await SendAsync("stdout", _input.ToString(), false);
            _input.Clear();
        }
    }

    private async Task ReadFrameAsync()
    {
        var frame = await spdy.ReadAsync();
        if (frame.Headers is { } headers) _streams[headers["streamtype"]] = frame.Stream;
        else if (_streams.GetValueOrDefault("stdin") == frame.Stream)
        {
            _input.Append(Encoding.UTF8.GetString(frame.Data));
            _inputEnded |= frame.Last;
        }
    }

    private Task SendAsync(string stream, string text, bool last) => spdy.SendAsync(_streams[stream], text, last);
}

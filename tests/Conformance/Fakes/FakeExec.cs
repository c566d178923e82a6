using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestrator.Conformance.Fakes;

/// <summary>The stream server's half of v4.channel.k8s.io over SPDY/3.1, for the scripts that the kit runs.</summary>
internal sealed class FakeExec(Stream connection, string script)
{
    private readonly Dictionary<string, int> _streams = [];
    private readonly MemoryStream _headers = new();
    private readonly StringBuilder _input = new();
    private bool _inputEnded;

    public static Task RunAsync(HttpContext context) => ServeAsync(context, context.Request.Query["script"].ToString());

    /// <summary>Joins a container that waits in its <c>cat</c>, and lets it go on when the input has ended.</summary>
    public static Task AttachAsync(HttpContext context, FakeContainerd host)
        => ServeAsync(context, "cat", () => host.Continue(context.Request.Query["container"].ToString()));

    private static async Task ServeAsync(HttpContext context, string script, Action? ended = null)
    {
        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers["X-Stream-Protocol-Version"] = "v4.channel.k8s.io";
        await using var connection = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        await new FakeExec(connection, script).RunAsync(context.Request.Query["streams"].ToString().Split(','), ended);
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
        var header = new byte[8];
        await connection.ReadExactlyAsync(header);
        var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF];
        await connection.ReadExactlyAsync(payload);
        if (header[0] == 0x80)
        {
            _headers.Write(payload.AsSpan(10));
            _streams[StreamType()] = BinaryPrimitives.ReadInt32BigEndian(payload);
        }
        else if (_streams.GetValueOrDefault("stdin") == BinaryPrimitives.ReadInt32BigEndian(header))
        {
            _input.Append(Encoding.UTF8.GetString(payload));
            _inputEnded |= (header[4] & 1) != 0;
        }
    }

    /// <summary>All header blocks so far are one zlib stream; the last value in it is the new stream's type.</summary>
    private string StreamType()
    {
        using var plain = new MemoryStream();
        using var zlib = new ZLibStream(new MemoryStream(_headers.ToArray()), CompressionMode.Decompress);
        zlib.CopyTo(plain);
        var text = Encoding.ASCII.GetString(plain.ToArray());
        return text[(text.LastIndexOf("streamtype", StringComparison.Ordinal) + "streamtype".Length + 4)..];
    }

    private async Task SendAsync(string stream, string text, bool last)
    {
        var data = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, _streams[stream]);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), data.Length | (last ? 1 << 24 : 0));
        data.CopyTo(frame, 8);
        await connection.WriteAsync(frame);
        await connection.FlushAsync();
    }
}

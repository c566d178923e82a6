using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Tests.Machines;

/// <summary>Someone at a console.</summary>
internal sealed class ConsoleClient : IDisposable
{
    private readonly AsyncDuplexStreamingCall<DomainConsoleInput, DomainConsoleOutput> _call;
    private readonly StringBuilder _seen = new();

    private ConsoleClient(AsyncDuplexStreamingCall<DomainConsoleInput, DomainConsoleOutput> call)
    {
        _call = call;
    }

    public string Seen => _seen.ToString();

    public static async Task<ConsoleClient> OpenAsync(Dom0Process dom0, string id, bool follow = true, long? scrollback = null)
    {
        var client = new ConsoleClient(dom0.Domains.Console(deadline: DateTime.MaxValue));
        var start = new DomainConsoleStart { Id = id, Follow = follow };
        if (scrollback is { } bytes)
        {
            start.ScrollbackBytes = bytes;
        }

        await client._call.RequestStream.WriteAsync(new DomainConsoleInput { Start = start });
        return client;
    }

    public Task TypeAsync(string text) => _call.RequestStream.WriteAsync(new DomainConsoleInput { Data = ByteString.CopyFromUtf8(text) });

    /// <summary>Reads until the text has been seen.</summary>
    public async Task ExpectAsync(string text)
    {
        using var limit = new CancellationTokenSource(Dom0Process.Limit);
        while (!Seen.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(await NextAsync(limit.Token), $"the console ended without '{text}': {Seen}");
        }
    }

    public async Task ReadBytesAsync(long bytes)
    {
        using var limit = new CancellationTokenSource(Dom0Process.Limit);
        while (bytes > 0 && await _call.ResponseStream.MoveNext(limit.Token))
        {
            bytes -= _call.ResponseStream.Current.Data.Length;
        }

        Assert.True(bytes <= 0, "the console ended");
    }

    public async Task ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(Dom0Process.Limit);
        while (await NextAsync(limit.Token))
        {
        }
    }

    public void Dispose() => _call.Dispose();

    private async Task<bool> NextAsync(CancellationToken cancellation)
    {
        try
        {
            if (!await _call.ResponseStream.MoveNext(cancellation))
            {
                return false;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            Assert.Fail($"nothing more came; so far: {Seen}");
        }

        _seen.Append(Encoding.UTF8.GetString(_call.ResponseStream.Current.Data.Span));
        return true;
    }
}

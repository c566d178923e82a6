using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Agents.V1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>The silo's half of the agent session on a unix socket: what tests say to an agent and hear from it.</summary>
public sealed class FakeSilo : IAsyncDisposable
{
    private readonly WebApplication _application;
    private long _epoch;

    private FakeSilo(WebApplication application, string socket) => (_application, Socket) = (application, socket);

    public string Socket { get; }

    public string Endpoint => $"unix://{Socket}";

    /// <summary>Every session that an agent opened, in order.</summary>
    public Channel<FakeSession> Sessions { get; } = Channel.CreateUnbounded<FakeSession>();

    internal ConcurrentDictionary<string, TaskCompletionSource<FakeStream>> Streams { get; } = new();

    public int HeartbeatSeconds { get; set; } = 1;

    public int LeaseSeconds { get; set; } = 30;

    public static async Task<FakeSilo> StartAsync(string socket)
    {
        File.Delete(socket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Service>();
        var application = builder.Build();
        application.MapGrpcService<Service>();
        var silo = new FakeSilo(application, socket);
        application.Services.GetRequiredService<Service>().Silo = silo;
        await application.StartAsync();
        return silo;
    }

    public async Task<FakeSession> NextSessionAsync(CancellationToken cancellation) => await Sessions.Reader.ReadAsync(cancellation);

    /// <summary>Asks the agent for a stream and waits until it comes.</summary>
    public async Task<FakeStream> OpenAsync(FakeSession session, OpenStream open, CancellationToken cancellation)
    {
        open.StreamId = Guid.NewGuid().ToString();
        var arrival = Streams[open.StreamId] = new TaskCompletionSource<FakeStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        await session.SendAsync(new SiloMessage { OpenStream = open });
        return await arrival.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
        File.Delete(Socket);
    }

    private sealed class Service : AgentSession.AgentSessionBase
    {
        public FakeSilo Silo { get; set; } = null!;

        public override async Task Connect(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<SiloMessage> responseStream, ServerCallContext context)
        {
            if (!await requestStream.MoveNext(context.CancellationToken)) return;
            using var session = new FakeSession(requestStream.Current.Hello, responseStream, context.CancellationToken);
            await session.SendAsync(new SiloMessage
            {
                Welcome = new Welcome { Epoch = Interlocked.Increment(ref Silo._epoch), HeartbeatSeconds = Silo.HeartbeatSeconds, LeaseSeconds = Silo.LeaseSeconds },
            });
            Silo.Sessions.Writer.TryWrite(session);
            await session.ReadAsync(requestStream);
        }

        public override async Task Stream(IAsyncStreamReader<AgentFrame> requestStream, IServerStreamWriter<SiloFrame> responseStream, ServerCallContext context)
        {
            if (!await requestStream.MoveNext(context.CancellationToken)) return;
            if (!Silo.Streams.TryRemove(requestStream.Current.StreamId, out var arrival))
                throw new RpcException(new Status(StatusCode.NotFound, "no such stream"));
            var stream = new FakeStream(requestStream, responseStream, context.CancellationToken);
            arrival.SetResult(stream);
            await stream.Finished;
        }
    }
}

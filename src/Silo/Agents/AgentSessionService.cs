using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Orchestrator.Agents.V1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Networking;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Agents;

/// <summary>
/// The agents' door. It owns the streams; what they say goes to the grains of the host and of its workloads, and an agent can only
/// speak of its own host.
/// </summary>
internal sealed class AgentSessionService(
    SessionTable sessions, StreamRendezvous streams, GatewayReference gateway, ObjectCache cache, IGrainFactory grains, EventRecorder events,
    NetworkFeed network, IOptions<LeaseOptions> options, IHostApplicationLifetime lifetime, ILogger<AgentSessionService> logger)
    : Orchestrator.Agents.V1.AgentSession.AgentSessionBase
{
    public override async Task Connect(
        IAsyncStreamReader<AgentMessage> agent, IServerStreamWriter<SiloMessage> silo, ServerCallContext context)
    {
        AgentDoor.Require(context);
        if (!await agent.MoveNext(context.CancellationToken) || agent.Current.MessageCase != AgentMessage.MessageOneofCase.Hello)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message of a session is hello"));
        var hello = agent.Current.Hello;
        RequireValid(hello.Host, hello.Facts);

        using var session = sessions.Open(hello.Host);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, session.Ended, lifetime.ApplicationStopping);
        var host = grains.GetGrain<IHostGrain>(hello.Host);
        try
        {
            session.Send(new SiloMessage
            {
                Welcome = network.Introduce(new Welcome { Epoch = session.Epoch, HeartbeatSeconds = options.Value.HeartbeatSeconds, LeaseSeconds = options.Value.LeaseSeconds }),
            });
            if (!await host.Attach(new Attachment(gateway.Value, session.Epoch), hello.Facts?.ToByteArray() ?? [], hello.AgentVersion)) return;
            logger.LogInformation("Host {Host} is connected, agent {Version}, epoch {Epoch}", hello.Host, hello.AgentVersion, session.Epoch);
            await await Task.WhenAny(Receive(agent, session, host, ending.Token), Transmit(silo, session, ending.Token), network.Run(session, ending.Token));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (session.Ended.IsCancellationRequested)
                throw new RpcException(new Status(StatusCode.Aborted, "a newer session of this host has taken its place, or the agent was too slow: connect again"));
        }
        finally
        {
            await ending.CancelAsync();
            sessions.Close(session);
            logger.LogInformation("Host {Host} is disconnected, epoch {Epoch}", hello.Host, session.Epoch);
            await host.Detach(session.Epoch);
        }
    }

    public override Task Stream(IAsyncStreamReader<AgentFrame> agent, IServerStreamWriter<SiloFrame> silo, ServerCallContext context)
    {
        AgentDoor.Require(context);
        return streams.Join(agent, silo, context.CancellationToken);
    }

    private static void RequireValid(string host, HostFacts? facts)
    {
        var errors = HostRegistration.Check(host, facts);
        if (errors.Count > 0) throw new RpcException(new Status(StatusCode.InvalidArgument, $"the host's facts are refused: {string.Join("; ", errors)}"));
    }

    private static async Task Transmit(IServerStreamWriter<SiloMessage> silo, AgentSession session, CancellationToken cancellation)
    {
        await foreach (var message in session.Outbound(cancellation)) await silo.WriteAsync(message, cancellation);
    }

    private async Task Receive(IAsyncStreamReader<AgentMessage> agent, AgentSession session, IHostGrain host, CancellationToken cancellation)
    {
        var unstored = new Dictionary<string, WorkloadReport>(StringComparer.Ordinal);
        while (await agent.MoveNext(cancellation))
        {
            var message = agent.Current;
            switch (message.MessageCase)
            {
                case AgentMessage.MessageOneofCase.Heartbeat:
                    if (!await host.Renew(new Attachment(gateway.Value, session.Epoch))) return;
                    session.Send(new SiloMessage { Heartbeat = new HeartbeatAnswer { Sequence = message.Heartbeat.Sequence } });
                    foreach (var report in unstored.Values.ToArray()) await Report(session.Host, report, unstored);
                    break;
                case AgentMessage.MessageOneofCase.Facts:
                    RequireValid(session.Host, message.Facts);
                    await host.UpdateFacts(session.Epoch, message.Facts.ToByteArray());
                    break;
                case AgentMessage.MessageOneofCase.Report:
                    await Report(session.Host, message.Report, unstored);
                    break;
                case AgentMessage.MessageOneofCase.Gone:
                    if (IsOf(session.Host, message.Gone.Workload)) await Workload(message.Gone.Workload).Gone(session.Host, message.Gone.Workload.Uid);
                    break;
                case AgentMessage.MessageOneofCase.Event:
                    if (IsOf(session.Host, message.Event.Workload)) events.Record(session.Host, message.Event);
                    break;
            }
        }
    }

    /// <summary>
    /// Takes a report if its status is one that could be stored and shown; what an agent says is checked like what a client says. An
    /// agent says each status once a session, so the newest that a full store refused is kept here and tried again.
    /// </summary>
    private async Task Report(string host, WorkloadReport report, Dictionary<string, WorkloadReport> unstored)
    {
        IMessage? status = report.StatusCase == WorkloadReport.StatusOneofCase.Pod ? report.Pod : report.VirtualMachine;
        if (status is null || report.Workload is null) return;
        unstored.Remove(report.Workload.Uid);
        if (!IsOf(host, report.Workload)) return;
        var errors = WorkloadStatusRules.Check(report);
        if (errors.Count > 0) logger.LogWarning("Host {Host} reports what can't be of {Workload}: {Errors}", host, report.Workload, string.Join("; ", errors));
        else if (!await Workload(report.Workload).Report(new WorkloadStatusReport(host, report.Workload.Uid, status.ToByteArray())))
            unstored[report.Workload.Uid] = report;
    }

    /// <summary>An agent speaks of what is bound to its host; anything else wakes nobody.</summary>
    private bool IsOf(string host, WorkloadRef? workload) =>
        workload is not null && cache.Find(Assignments.KeyOf(workload)) is { } present && present.Uid == workload.Uid && WorkloadState.Of(present).Host == host;

    private IWorkloadGrain Workload(WorkloadRef workload) => grains.Workload(Assignments.KeyOf(workload));
}

using Grpc.Core;
using Microsoft.Extensions.Options;
using Orchestrator.Silo.Agents;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.CustomKinds;
using Orchestrator.Silo.Events;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Objects.Quotas;
using Orchestrator.Silo.Ownership;
using Orchestrator.Silo.Rest;
using Orchestrator.Silo.Scheduling;
using Orchestrator.Silo.Store;
using Orchestrator.Silo.Store.Postgres;
using Orchestrator.Silo.Store.Sqlite;
using Orchestrator.Silo.Workloads;

namespace Orchestrator.Silo.Hosting;

/// <summary>What the silo is made of.</summary>
internal static class Registrations
{
    private const int MaximumMessageBytes = 16 << 20;

    public static IServiceCollection AddStore(this IServiceCollection services) => services
        .AddSingleton<StoreMetrics>()
        .AddSingleton<ObjectCache>()
        .AddSingleton<IRevisionLog>(provider => OpenLog(provider.GetRequiredService<IOptions<SiloOptions>>().Value))
        .AddSingleton<Sequencer>();

    private static IRevisionLog OpenLog(SiloOptions options) =>
        options.Store == StoreKind.Postgres ? new PostgresRevisionLog(options.StoreConnection) : new SqliteRevisionLog(options.StorePath);

    public static IServiceCollection AddObjects(this IServiceCollection services) => services
        .AddSingleton(new ObjectNames(new Random()))
        .AddSingleton<KindStrategies>()
        .AddSingleton<ObjectPipeline>()
        .AddSingleton<ObjectReader>()
        .AddSingleton<ObjectEditor>()
        .AddSingleton<EventRecorder>()
        .AddHostedService(provider => provider.GetRequiredService<EventRecorder>())
        .AddHostedService<EventExpiry>()
        .AddHostedService<GarbageCollector>()
        .AddHostedService<DefinitionController>()
        .AddHostedService<QuotaStatus>();

    public static IServiceCollection AddWorkloads(this IServiceCollection services) => services
        .AddSingleton<WorkloadSources>()
        .AddSingleton<Assignments>()
        .AddSingleton<HostRegistration>()
        .AddSingleton<Disruptions>()
        .AddSingleton<TaintEvictions>()
        .AddSingleton<LostWorkloads>()
        .AddSingleton<SchedulingMetrics>()
        .AddSingleton<RoomMaking>()
        .AddSingleton<ContainerStreams>()
        .AddSingleton<PortStreams>()
        .AddSingleton<Evictions>()
        .AddHostedService<BuiltInObjects>()
        .AddHostedService<ChangeFeed>();

    public static IServiceCollection AddAgents(this IServiceCollection services) => services
        .AddSingleton<SessionTable>()
        .AddSingleton<GatewayReference>()
        .AddSingleton<StreamRendezvous>();

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSingleton<ObjectForms>().AddSingleton<WorkloadProgress>();
        services.AddRest();
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MaximumMessageBytes;
            options.EnableDetailedErrors = false;
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<StoreHealth>("store");
        return services;
    }

    public static void MapDoors(this WebApplication app)
    {
        app.MapGrpcService<ObjectsService>();
        app.MapGrpcService<WorkloadsService>();
        app.MapGrpcService<AdminService>();
        app.MapGrpcService<AgentSessionService>();
        app.MapGrpcReflectionService();
        app.MapGrpcHealthChecksService();
        app.MapRest();
        app.MapHealthChecks("/healthz");
        app.MapHealthChecks("/readyz");
        app.MapHealthChecks("/livez");
        app.MapPrometheusScrapingEndpoint("/metrics");
    }
}

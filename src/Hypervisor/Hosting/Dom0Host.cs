using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orchestrator.Hypervisor.Api;
using Orchestrator.Hypervisor.Cgroups;
using Orchestrator.Hypervisor.Devices.Loop;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Domains.Storage;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Engines.Qemu;
using Orchestrator.Hypervisor.Engines.Uml;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Images;
using Orchestrator.Hypervisor.Network;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Hosting;

/// <summary>What dom0 is made of.</summary>
internal static class Dom0Host
{
    private const string ExporterVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    // An agent keeps one call for each console that someone watches.
    private const int MostCalls = 10_000;
    // Every call may leave its stream's window unread and the connection still has half of its own, from where Kestrel renews
    // it. With Kestrel's defaults an import that waits for another one would stop every call of the agent.
    private const int StreamWindowBytes = 64 << 10;
    private const int ConnectionWindowBytes = 2 * MostCalls * StreamWindowBytes;
    private const int LargestMessageBytes = 4 << 20;
    // Of all guests' disks together; each domain that does anything has some for itself.
    private static readonly DeviceRingSize DiskSlots = DeviceRingSize.Default(Stopwatch.Frequency) with { Slots = 2048 };
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(5);

    public static WebApplicationBuilder AddDom0Options(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<Dom0Options>().Bind(builder.Configuration).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<Dom0Options>, Dom0OptionsAnnotations>();
        builder.Services.AddSingleton<IValidateOptions<Dom0Options>, Dom0OptionsRules>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = GoodbyeLimit);
        return builder;
    }

    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "O";
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (!string.IsNullOrEmpty(builder.Configuration[ExporterVariable]))
        {
            builder.Services.AddOpenTelemetry()
                .UseOtlpExporter()
                .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation())
                .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation());
        }

        return builder;
    }

    public static WebApplicationBuilder AddDomains(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<DataDirectory>()
            .AddSingleton<EventLoop>()
            .AddSingleton(DiskSlots)
            .AddSingleton<DeviceLoop>()
            .AddSingleton<DomainDisks>()
            .AddSingleton<ConfigDrives>()
            .AddSingleton<HostNetworks>()
            .AddSingleton<CgroupHierarchy>()
            .AddSingleton(ImageLimits.Default)
            .AddSingleton<ImageImport>()
            .AddSingleton<DiskImageStore>()
            .AddSingleton<GuestInitramfs>()
            .AddSingleton<KvmProbe>()
            .AddSingleton<IEngine, UmlEngine>()
            .AddSingleton<IEngine, QemuEngine>()
            .AddSingleton<IEngine, KvmEngine>()
            .AddSingleton<EngineCatalog>()
            .AddSingleton<UidPool>()
            .AddSingleton<DomainFeed>()
            .AddSingleton<DomainServices>()
            .AddSingleton<DomainRegistry>()
            .AddHostedService<Adoption>();
        return builder;
    }

    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelCore();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<Dom0Options>, DataDirectory>((kestrel, options, _) =>
        {
            // The data directory is ours by now, so nobody else listens on what is left of an earlier socket.
            Directory.CreateDirectory(Path.GetDirectoryName(options.Value.Socket)!);
            File.Delete(options.Value.Socket);
            kestrel.Limits.Http2.MaxStreamsPerConnection = MostCalls;
            kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
            kestrel.ListenUnixSocket(options.Value.Socket, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = LargestMessageBytes);
        return builder;
    }

    private static void MapApi(this WebApplication application)
    {
        application.MapGrpcService<DomainsService>();
        application.MapGrpcService<DiskImagesService>();

        // The umask made it so already; this says it once more, for whoever changes the umask.
        var socket = application.Services.GetRequiredService<IOptions<Dom0Options>>().Value.Socket;
        application.Lifetime.ApplicationStarted.Register(() => File.SetUnixFileMode(socket, DataDirectory.PrivateFile));
    }

    /// <summary>Runs until it is told to end. A start that the command line or the host makes impossible says why in a line and is 1.</summary>
    public static async Task<int> RunDom0Async(this WebApplicationBuilder builder)
    {
        try
        {
            await using var dom0 = builder.Build();
            dom0.UseRouting();
            dom0.MapApi();
            await dom0.RunAsync();
            return 0;
        }
        catch (Exception error) when (error is OptionsValidationException or IOException)
        {
            await Console.Error.WriteLineAsync($"dom0: {error.Message}");
            return 1;
        }
    }
}

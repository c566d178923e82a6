using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestrator.Silo.Hosts;
using Orchestrator.Silo.Networking;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Scheduling;
using Orchestrator.Silo.Store;
using Orleans.Configuration;
using Orleans.Statistics;

namespace Orchestrator.Silo.Hosting;

/// <summary>The frame around the silo's parts: configuration, doors, Orleans, telemetry.</summary>
internal static class SiloHost
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Every call may leave its stream's window unread and the connection still has half of its own, from where Kestrel renews
    // it. With Kestrel's defaults one client that doesn't read its logs would stop the whole session of a host.
    private const int CallsPerConnection = 1000;
    private const int StreamWindowBytes = 128 << 10;
    private const int ConnectionWindowBytes = 2 * CallsPerConnection * StreamWindowBytes;
    private const int RememberedGrains = 20_000;

    // Each metric sets aside room for all its series at once; nearly all metrics are of Orleans, with a series for each grain class at most.
    private const int SeriesPerMetric = 256;
    private const int SeriesPerOrleansMetric = 64;
    private const string OrleansMeter = "Microsoft.Orleans";

    /// <summary>Options come from the command line and the environment once; else every folder below the current one would be watched for a settings file that changes.</summary>
    public static readonly WebApplicationOptions Defaults = new() { Args = ["--hostBuilder:reloadConfigOnChange=false"] };

    // Each would tell of every call; Polly comes with Orleans.
    private static readonly string[] QuietLibraries = ["Orleans", "Polly", "Microsoft", "Grpc"];

    public static SiloOptions AddOptions(this WebApplicationBuilder builder, string[] args)
    {
        builder.Configuration.AddCommandLine(args, SiloOptions.Switches.Concat(NetworkOptions.Switches).ToDictionary());
        builder.Services.AddSingleton<Microsoft.Extensions.Options.IValidateOptions<SiloOptions>, ValidateSiloOptions>();
        builder.Services.AddOptions<SiloOptions>().BindConfiguration("Silo").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<Orchestrator.Silo.Scheduling.SchedulingOptions>().BindConfiguration("Scheduling")
            .Validate(options => !options.Problems().Any(), "Scheduling:Profiles names a rule that doesn't exist or a weight outside 0 to 1000.").ValidateOnStart();
        builder.Services.AddOptions<LeaseOptions>().BindConfiguration("Hosts").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(TimeProvider.System);
        var options = new SiloOptions();
        builder.Configuration.GetSection("Silo").Bind(options);
        var validation = new ValidateSiloOptions().Validate(null, options);
        if (validation.Failed) throw new SiloStartException(validation.FailureMessage);
        Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return options;
    }

    public static void AddDoors(this WebApplicationBuilder builder, SiloOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = CallsPerConnection;
            kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
            kestrel.Listen(IPEndPoint.Parse(options.Listen), listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPEndPoint.Parse(options.Http), listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.ListenUnixSocket(options.AgentSocketPath, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(AgentDoor.Tag);
            });
        });
    }

    /// <summary>One silo, on loopback ports that the system picks: nobody but itself connects to them.</summary>
    public static void AddOrleans(this WebApplicationBuilder builder) => builder.Host.UseOrleans(silo =>
    {
        var port = FreePort();
        silo.UseLocalhostClustering(siloPort: port, gatewayPort: 0);
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("orchestrator", "orchestrator"));
        // Orleans sets aside room for a million grains that live elsewhere. A grain that isn't remembered costs one more hop.
        silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = RememberedGrains);
        silo.Services.AddSingleton<IEnvironmentStatisticsProvider, NoEnvironmentStatistics>();
        silo.AddActivityPropagation();
    });

    public static void AddTelemetry(this WebApplicationBuilder builder, SiloOptions options)
    {
        AddConsole(builder.Logging, options.LogFormat);
        foreach (var library in QuietLibraries) builder.Logging.AddFilter(library, LogLevel.Warning);
        // Both judge by the wall clock of a machine that they don't know: a virtual machine that was paused, a small host.
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error).AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        var exports = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(OtlpEndpoint));
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("orchestrator-silo"));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(StoreMetrics.MeterName, SchedulingMetrics.MeterName, OrleansMeter, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel");
            metrics.AddRuntimeInstrumentation().AddPrometheusExporter();
            metrics.AddView(metric => new MetricStreamConfiguration { CardinalityLimit = metric.Meter.Name == OrleansMeter ? SeriesPerOrleansMetric : SeriesPerMetric });
            if (exports) metrics.AddOtlpExporter();
        });
        if (!exports) return;
        telemetry.WithTracing(traces => traces
            .AddSource(Traces.SourceName, "Microsoft.Orleans.Application").AddAspNetCoreInstrumentation().AddOtlpExporter());
    }

    private static void AddConsole(ILoggingBuilder logging, LogFormat format)
    {
        if (format == LogFormat.Json) logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "O"));
        else logging.AddSimpleConsole(text => (text.SingleLine, text.UseUtcTimestamp, text.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ "));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

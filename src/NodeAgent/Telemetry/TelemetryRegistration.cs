using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Telemetry;

internal static class TelemetryRegistration
{
    /// <summary>OpenTelemetry's standard variable; without it nothing of OpenTelemetry is even loaded.</summary>
    private const string OtlpEndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder)
    {
        var level = Enum.TryParse<LogLevel>(builder.Configuration[$"{AgentOptions.Section}:{nameof(AgentOptions.LogLevel)}"], true, out var parsed)
            ? parsed : LogLevel.Information;
        builder.Logging.SetMinimumLevel(level).AddFilter("Grpc", LogLevel.Error).AddFilter("Microsoft", LogLevel.Warning);
        AddConsole(builder.Logging, builder.Configuration[$"{AgentOptions.Section}:{nameof(AgentOptions.LogFormat)}"]);
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(OtlpEndpointVariable))) AddOtlp(builder.Services);
        return builder;
    }

    private static void AddConsole(ILoggingBuilder logging, string? format)
    {
        if (Enum.TryParse<LogFormat>(format, true, out var parsed) && parsed == LogFormat.Text)
            logging.AddSimpleConsole(text => (text.SingleLine, text.UseUtcTimestamp, text.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ "));
        else logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "O"));
    }

    private static void AddOtlp(IServiceCollection services)
        => services.AddOpenTelemetry().UseOtlpExporter().WithTracing(tracing => tracing.AddSource(AgentActivities.SourceName));
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent;

/// <summary>The process around the parts. A wrong option ends it with status 2 and one line for each mistake.</summary>
internal static class AgentHost
{
    public static HostApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.TryAddSingleton(TimeProvider.System);
        // The seed only spreads reconnects of many agents; nothing depends on its value.
        builder.Services.TryAddSingleton(new Random(Environment.ProcessId ^ Environment.TickCount));
        return builder;
    }

    public static async Task<int> RunAsync(HostApplicationBuilder builder)
    {
        using var host = builder.Build();
        try
        {
            // Before anything is started, so that a mistake in the options is told in a line and not by a stack.
            _ = host.Services.GetRequiredService<IOptions<AgentOptions>>().Value;
            var services = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await host.RunAsync();
            // A part that failed has stopped the host; whoever supervises the process shall start it again.
            return services.Any(service => service.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
        }
        catch (OptionsValidationException invalid)
        {
            foreach (var failure in invalid.Failures) await Console.Error.WriteLineAsync($"orchestrator-agent: {failure}");
            return 2;
        }
        catch (InvalidOperationException invalid) when (invalid.InnerException is FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"orchestrator-agent: {invalid.Message} {invalid.InnerException!.Message}");
            return 2;
        }
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Networking;

internal static class NetworkingRegistration
{
    public static IHostApplicationBuilder AddMachineNetworks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new HostTools());
        builder.Services.AddSingleton(services => MachineNetworks.Open(services.GetRequiredService<AgentOptions>(), services.GetRequiredService<HostTools>()));
        return builder;
    }
}

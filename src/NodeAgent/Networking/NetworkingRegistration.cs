using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Networking.Cluster;
using Orchestrator.NodeAgent.Networking.Dns;
using Orchestrator.NodeAgent.Networking.Overlay;
using Orchestrator.NodeAgent.Networking.Services;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Networking;

internal static class NetworkingRegistration
{
    private const string HostResolvConf = "/etc/resolv.conf";

    public static IHostApplicationBuilder AddNetworking(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new HostTools());
        builder.Services.AddSingleton<ClusterNetwork>().AddSingleton<PodRange>();
        builder.Services.AddSingleton(services => new HostOverlay(
            services.GetRequiredService<HostTools>(), services.GetRequiredService<HostAddress>().Value, services.GetRequiredService<ILogger<HostOverlay>>()));
        builder.Services.AddSingleton(services => new ServiceTable(
            services.GetRequiredService<HostTools>(), services.GetRequiredService<AgentOptions>().Host, services.GetRequiredService<ILogger<ServiceTable>>()));
        builder.Services.AddHostedService<NetworkService>();
        builder.Services.AddSingleton(services => new PodResolver(services.GetRequiredService<ClusterNetwork>(), HostResolvConf));
        builder.Services.AddSingleton(services => new HostResolver(services.GetRequiredService<ClusterNetwork>(), HostResolvConf));
        builder.Services.AddHostedService<DnsService>();
        builder.Services.AddSingleton(services => MachineNetworks.Open(services.GetRequiredService<AgentOptions>(), services.GetRequiredService<HostTools>()));
        return builder;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.NodeAgent.Logs;
using Orchestrator.NodeAgent.Options;
using Orchestrator.NodeAgent.Volumes;

namespace Orchestrator.NodeAgent.Drivers.Cri;

internal static class CriRegistration
{
    public static IHostApplicationBuilder AddCriDriver(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => ContainerdClient.Open(services.GetRequiredService<AgentOptions>().Containerd));
        builder.Services.AddSingleton(services => new PodLogPaths(services.GetRequiredService<AgentOptions>().Data));
        builder.Services.AddSingleton(services => new PodCgroups(services.GetRequiredService<AgentOptions>().CgroupParent));
        builder.Services.AddSingleton(services => new VolumePaths(services.GetRequiredService<AgentOptions>().Data));
        builder.Services.AddSingleton<PodVolumes>();
        builder.Services.AddSingleton<ContainerMounts>();
        builder.Services.AddSingleton<ContainerConfigs>();
        builder.Services.AddSingleton<SandboxConfigs>();
        builder.Services.AddSingleton<LogFollower>();
        builder.Services.AddSingleton<CriContainers>();
        builder.Services.AddSingleton<CriSandboxes>();
        builder.Services.AddSingleton<IWorkloadDriver, CriDriver>();
        return builder;
    }
}

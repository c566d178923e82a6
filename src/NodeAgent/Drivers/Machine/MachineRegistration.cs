using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Options;

namespace Orchestrator.NodeAgent.Drivers.Machine;

internal static class MachineRegistration
{
    public static IHostApplicationBuilder AddMachineDriver(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => Dom0Client.Open(services.GetRequiredService<AgentOptions>().Dom0));
        builder.Services.AddSingleton<LayoutArchive>();
        builder.Services.AddSingleton<MachineDisks>();
        builder.Services.AddSingleton<IWorkloadDriver, MachineDriver>();
        return builder;
    }
}

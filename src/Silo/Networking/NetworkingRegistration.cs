using Microsoft.Extensions.Options;
using Orchestrator.Silo.Networking.Endpoints;
using Orchestrator.Silo.Networking.Services;

namespace Orchestrator.Silo.Networking;

internal static class NetworkingRegistration
{
    public static IServiceCollection AddNetworking(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<NetworkOptions>, ValidateNetworkOptions>();
        services.AddOptions<NetworkOptions>().BindConfiguration(NetworkOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<HostRanges>()
            .AddSingleton<NetworkFeed>()
            .AddSingleton<ServiceAddresses>()
            .AddSingleton<EndpointController>()
            .AddHostedService<EndpointFeed>();
    }
}

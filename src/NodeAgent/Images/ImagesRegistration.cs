using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orchestrator.NodeAgent.Images;

internal static class ImagesRegistration
{
    public static IHostApplicationBuilder AddImages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ImageStore>();
        builder.Services.AddSingleton<ContentStore>();
        return builder;
    }
}

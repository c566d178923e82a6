using Microsoft.AspNetCore.Diagnostics;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Rest.Answers;
using Orchestrator.Silo.Rest.Discovery;
using Orchestrator.Silo.Rest.OpenApi;
using Orchestrator.Silo.Rest.Streams;
using Orchestrator.Silo.Rest.Verbs;

namespace Orchestrator.Silo.Rest;

/// <summary>Which URL leads where.</summary>
internal static class RestRoutes
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddRest(this IServiceCollection services) => services
        .AddSingleton<RestDoor>()
        .AddSingleton<ReadVerbs>()
        .AddSingleton<WatchVerb>()
        .AddSingleton<WriteVerbs>()
        .AddSingleton<DeleteVerbs>()
        .AddSingleton<ScaleVerbs>()
        .AddSingleton<PodVerbs>()
        .AddSingleton<BindingVerb>()
        .AddSingleton<ChannelSessions>()
        .AddSingleton<ContainerVerbs>()
        .AddSingleton<ForwardVerb>()
        .AddSingleton<ObjectAnswers>();

    public static void MapRest(this WebApplication app)
    {
        app.UseWebSockets();
        var door = app.Services.GetRequiredService<RestDoor>();
        var cache = app.Services.GetRequiredService<ObjectCache>();
        ApiSurface Surface() => ApiSurface.Of(cache.Served);
        OpenApiDocuments OpenApi() => OpenApiDocuments.Of(cache.Served);
        app.Map("/api/{version}/{**rest}", http => door.Handle(http, "", Value(http, "version"), Value(http, "rest")));
        app.Map("/apis/{group}/{version}/{**rest}", http => door.Handle(http, Value(http, "group"), Value(http, "version"), Value(http, "rest")));
        app.MapMethods("/api", Read, http => Discover(http, Surface(), core: true));
        app.MapMethods("/apis", Read, http => Discover(http, Surface(), core: false));
        app.MapMethods("/api/{version}", Read, http => Send(http, DiscoveryDocuments.Version(Surface(), "", Value(http, "version"))));
        app.MapMethods("/apis/{group}", Read, http => Send(http, DiscoveryDocuments.Group(Surface(), Value(http, "group"))));
        app.MapMethods("/apis/{group}/{version}", Read, http => Send(http, DiscoveryDocuments.Version(Surface(), Value(http, "group"), Value(http, "version"))));
        app.MapMethods("/version", Read, http => Send(http, ServerVersion.Document));
        app.MapMethods("/openapi/v2", Read, http => SendOpenApi(http, OpenApi()));
        app.MapMethods("/openapi/v3", Read, http => Send(http, OpenApi().Version3Index));
        app.MapMethods("/openapi/v3/{**path}", Read, http => Send(http, OpenApi().Version3(Value(http, "path"))));
        // What a client breaks off or breaks is his; anything else is a bug, which the log has by now.
        app.UseExceptionHandler(failed => failed.Run(http => http.Refuse(http.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException broken
            ? new ApiError(broken.StatusCode == StatusCodes.Status413PayloadTooLarge ? ErrorReason.RequestEntityTooLarge : ErrorReason.BadRequest, broken.Message)
            : new ApiError(ErrorReason.InternalError, "an error on the server has prevented the request from succeeding"))));
        app.MapFallback(http => http.Refuse(new ApiError(ErrorReason.NotFound, "the server could not find the requested resource")));
    }

    private static Task Discover(HttpContext http, ApiSurface surface, bool core) => AggregatedDiscovery.VersionFor(http.Request) is { } version
        ? new Pieces().Add(AggregatedDiscovery.Encode(surface, version, core)).Send(http, contentType: AggregatedDiscovery.ContentType(version))
        : Send(http, core ? DiscoveryDocuments.CoreVersions : DiscoveryDocuments.Groups(surface));

    private static Task SendOpenApi(HttpContext http, OpenApiDocuments documents) =>
        http.Request.Headers.Accept.Any(accept => accept?.Contains("proto-openapi.spec.v2", StringComparison.Ordinal) == true)
            ? new Pieces().Add(documents.Version2Proto).Send(http, contentType: OpenApiProto.MediaType)
            : Send(http, documents.Version2);

    private static Task Send(HttpContext http, ReadOnlyMemory<byte>? document) => document is { } found
        ? new Pieces().Add(found).Send(http)
        : http.Refuse(new ApiError(ErrorReason.NotFound, "the server could not find the requested resource"));

    private static string Value(HttpContext http, string name) => http.Request.RouteValues[name] as string ?? "";
}

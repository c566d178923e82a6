using Grpc.Core.Interceptors;

namespace Orchestrator.Client;

/// <summary>How a client calls.</summary>
public sealed record ClusterClientOptions
{
    /// <summary>Bounds each unary call; zero means no bound.</summary>
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>Sees every call, or null.</summary>
    public Interceptor? Interceptor { get; init; }

    /// <summary>The namespace of objects that name none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The clock of deadlines and of the waits between attempts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

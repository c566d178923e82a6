using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Connection;

/// <summary>How objects are deleted, and what is said of each.</summary>
internal sealed class ObjectDeletion(Invocation invocation)
{
    /// <summary>Null: what the object says. 0: without waiting for its host.</summary>
    public long? GracePeriodSeconds { get; init; }

    public bool Force { get; init; }
    public bool DryRun { get; init; }
    public bool NameOnly { get; init; }

    /// <summary>The uid of an object that is going; null if it is gone already.</summary>
    /// <exception cref="Grpc.Core.RpcException">The server refused; NOT_FOUND if the object is absent.</exception>
    public async Task<string?> DeleteAsync(ResourceTarget target)
    {
        var request = new DeleteRequest
        {
            Resource = target.Kind.Resource,
            Namespace = target.Kind.Namespaced ? target.Namespace : "",
            Name = target.Name,
            DryRun = DryRun,
            RequestId = RequestId.New(),
        };
        if (GracePeriodSeconds is { } seconds) request.GracePeriodSeconds = seconds;
        var response = await invocation.Server.CallAsync(o => invocation.Server.Objects.DeleteAsync(request, o), invocation.Cancellation);
        var verb = Force ? "force deleted" : "deleted";
        await invocation.Out.WriteLineAsync(NameOnly
            ? $"{target.Kind.Display()}/{target.Name}"
            : $"{target.Kind.Display()} \"{target.Name}\" {verb}{(DryRun ? " (server dry run)" : "")}");
        await invocation.Out.FlushAsync(invocation.Cancellation);
        return response.Gone ? null : response.Uid;
    }
}

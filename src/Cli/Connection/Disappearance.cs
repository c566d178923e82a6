using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Connection;

/// <summary>Waits until an object, and not merely one of its name, is gone.</summary>
internal static class Disappearance
{
    /// <param name="invocation">The command that waits.</param>
    /// <param name="target">The object, with its namespace.</param>
    /// <param name="uid">Which one; empty: whichever has the name.</param>
    /// <param name="timeout">Zero: as long as it takes.</param>
    /// <exception cref="CommandException">The time is over.</exception>
    public static async Task AwaitAsync(Invocation invocation, ResourceTarget target, string uid, TimeSpan timeout)
    {
        using var limit = new TimeLimit(invocation, timeout);
        var request = new WatchRequest
        {
            Resource = target.Kind.Resource,
            Namespace = target.Kind.Namespaced ? target.Namespace : "",
            Name = target.Name,
            Form = Form.Table,
        };
        try
        {
            await UntilGoneAsync(invocation, request, uid, limit.Token);
        }
        catch (Exception exception) when (limit.IsOver && exception is OperationCanceledException or RpcException)
        {
            throw TimeLimit.Exceeded(target);
        }
    }

    private static async Task UntilGoneAsync(Invocation invocation, WatchRequest request, string uid, CancellationToken cancellation)
    {
        var present = false;
        await foreach (var change in invocation.Server.FollowAsync(request, cancellation))
        {
            if (change.Type != WatchEvent.Types.Type.Bookmark)
                present = change.Type != WatchEvent.Types.Type.Deleted && (uid.Length == 0 || change.Object.Uid == uid);
            if (!present) return;
        }
    }
}

using Grpc.Core;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>Tells a runtime that says no (the user's business) from one that is away or slow (ours).</summary>
internal static class CriErrors
{
    public static bool IsRefusal(RpcException failure) => failure.StatusCode
        is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Unimplemented)
        // The client says Internal when the connection broke under the call.
        && failure.Status.DebugException is null;

    /// <summary>Removing or stopping what isn't there any more is a success.</summary>
    public static async Task UnlessAbsentAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException absent) when (absent.StatusCode == StatusCode.NotFound)
        {
        }
    }
}

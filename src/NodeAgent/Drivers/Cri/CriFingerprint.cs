using Grpc.Core;
using Orchestrator.NodeAgent.Cri.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Drivers.Cri;

/// <summary>What containerd says of itself: its version, and whether runtime and network are ready.</summary>
internal static class CriFingerprint
{
    private const string ConditionType = "ContainerRuntimeReady";

    public static async Task<DriverFingerprint> ReadAsync(ContainerdClient containerd, CancellationToken cancellation)
    {
        try
        {
            var options = ContainerdClient.Within(ContainerdClient.Look, cancellation);
            var version = await containerd.Runtime.VersionAsync(new VersionRequest { Version = "v1" }, options);
            var status = await containerd.Runtime.StatusAsync(new StatusRequest(), options);
            var text = $"{version.RuntimeName}://{version.RuntimeVersion}";
            var wrong = status.Status.Conditions.FirstOrDefault(condition => !condition.Status);
            return wrong is null
                ? Build(true, "", $"{version.RuntimeName} {version.RuntimeVersion}", text)
                : Build(false, wrong.Reason, $"{wrong.Type} is false: {wrong.Message}", text);
        }
        catch (RpcException away)
        {
            return Build(false, "RuntimeUnavailable", $"containerd doesn't answer: {away.Status.Detail}", "");
        }
    }

    private static DriverFingerprint Build(bool ready, string reason, string message, string version) => new(
        ConditionType, ready, reason, message, version, [new NodeRuntimeClass { Name = "container", Available = ready, Message = message }]);
}

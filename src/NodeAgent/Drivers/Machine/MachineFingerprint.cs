using Grpc.Core;
using Orchestrator.Dom0.V1;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Drivers.Machine;

/// <summary>What dom0 says of itself: which engines work here and why others don't.</summary>
internal static class MachineFingerprint
{
    private const string ConditionType = "MachineRuntimeReady";

    private static readonly (string Class, string Engine)[] Classes = [("paravirtual", "uml"), ("emulated", "qemu"), ("hardware", "kvm")];

    public static async Task<DriverFingerprint> ReadAsync(Dom0Client dom0, CancellationToken cancellation)
    {
        try
        {
            var host = await dom0.Domains.DescribeAsync(new DescribeRequest(), Dom0Client.Within(Dom0Client.Look, cancellation));
            var facts = host.Virtualization is not { } found ? null : new VirtualizationInfo
            {
                HypervisorType = found.HypervisorType,
                CpuExtension = found.CpuExtension,
                HardwareVirtualization = found.Hardware,
                Message = found.Message,
            };
            return new DriverFingerprint(ConditionType, true, "", $"dom0 {host.Version}", "", [.. Classes.Select(known => ClassOf(known.Class, known.Engine, host))], facts);
        }
        catch (RpcException away)
        {
            var message = $"dom0 doesn't answer: {away.Status.Detail}";
            return new DriverFingerprint(
                ConditionType, false, "Dom0Unavailable", message, "",
                [.. Classes.Select(known => new NodeRuntimeClass { Name = known.Class, Available = false, Message = message })]);
        }
    }

    private static NodeRuntimeClass ClassOf(string name, string engineName, HostDescription host)
    {
        var engine = host.Engines.FirstOrDefault(engine => engine.Name == engineName);
        return new NodeRuntimeClass
        {
            Name = name,
            Available = engine?.Available ?? false,
            Message = engine?.Message ?? $"dom0 {host.Version} has no engine {engineName}",
        };
    }
}

using Orchestrator.NodeAgent;
using Orchestrator.NodeAgent.Assignments;
using Orchestrator.NodeAgent.Connection;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Drivers.Machine;
using Orchestrator.NodeAgent.Fingerprint;
using Orchestrator.NodeAgent.Images;
using Orchestrator.NodeAgent.Networking;
using Orchestrator.NodeAgent.Options;
using Orchestrator.NodeAgent.Telemetry;

if (!AgentCommandLine.TryParse(args, out var settings, out var complaint))
{
    await Console.Error.WriteLineAsync(complaint);
    return 2;
}

var builder = AgentHost.CreateBuilder(settings);
builder
    .AddAgentOptions()
    .AddTelemetry()
    .AddImages()
    .AddCriDriver()
    .AddNetworking()
    .AddMachineDriver()
    .AddFingerprint()
    .AddAssignments()
    .AddConnection();
return await AgentHost.RunAsync(builder);

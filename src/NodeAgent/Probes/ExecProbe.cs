using Grpc.Core;
using Orchestrator.NodeAgent.Drivers;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>Healthy if a command in the container ends with status 0.</summary>
internal sealed class ExecProbe(ICommandRunner runner, UnitRun run, IReadOnlyList<string> command, TimeSpan timeout) : IProbeAction
{
    private const int MostOutput = 1024;

    public async Task<ProbeOutcome> RunAsync(CancellationToken cancellation)
    {
        try
        {
            var result = await runner.RunCommandAsync(run, command, timeout, cancellation);
            return result.ExitCode == 0 ? ProbeOutcome.Healthy : ProbeOutcome.Failed(Shortened(result.Output.Trim(), result.ExitCode));
        }
        catch (RpcException failed)
        {
            cancellation.ThrowIfCancellationRequested();
            return ProbeOutcome.Failed(failed.Status.Detail);
        }
    }

    private static string Shortened(string output, int exitCode) => output.Length switch
    {
        0 => $"the command ended with status {exitCode}",
        <= MostOutput => output,
        _ => output[..MostOutput],
    };
}

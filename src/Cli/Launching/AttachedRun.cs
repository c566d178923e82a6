using System.Text.Json.Nodes;
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;
using Orchestrator.Cli.Terminal;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.Cli.Launching;

/// <summary>Stays with a workload from its start to its end: a container's log or its process itself, or a machine's console.</summary>
internal sealed class AttachedRun(Invocation invocation, Workload workload)
{
    /// <summary>Pass standard input to the container's process, or to the machine's console.</summary>
    public bool Interactive { get; init; }

    /// <summary>Delete it on every way out.</summary>
    public bool Remove { get; init; }

    /// <returns>A container's exit code; 0 for a machine, and for a container that is started again whenever it ends.</returns>
    public async Task<int> RunAsync(WorkloadLaunch launch)
    {
        try
        {
            var started = await launch.StartAsync();
            if (workload.Machine is not null)
            {
                if (!started) return ExitCodes.Failure;
                var start = new ConsoleStart { Namespace = workload.Namespace, VirtualMachine = workload.Name, Follow = true };
                await new ConsoleSession(invocation).RunAsync(start, Interactive);
                return ExitCodes.Success;
            }
            // A container that has failed already has a log, too.
            if (!(Interactive && started && await AttachAsync(workload.Pod!)))
                await LogsCommand.CopyAsync(invocation, new LogsRequest { Namespace = workload.Namespace, Pod = workload.Name, Follow = true });
            if (!Interactive || workload.Pod!.Spec.RestartPolicy != "Always") return await ExitCodeAsync();
            if (!Remove) await invocation.Error.WriteLineAsync($"Session ended, resume using 'orc attach {workload.Name} -it' command when the pod is running");
            return ExitCodes.Success;
        }
        finally
        {
            if (Remove) await DeleteAsync();
        }
    }

    /// <returns>False if it ended before we came.</returns>
    private async Task<bool> AttachAsync(Pod pod)
    {
        var container = pod.Spec.Containers[0];
        var start = new ExecStart { Namespace = workload.Namespace, Pod = workload.Name, Container = container.Name, Stdin = container.Stdin, Tty = container.Tty };
        await ContainerSession.CheckTerminalAsync(invocation, start);
        try
        {
            await new ContainerSession(invocation).AttachAsync(start);
            return true;
        }
        catch (RpcException exception) when (ClusterErrors.ReasonOf(exception) == "BadRequest")
        {
            return false;
        }
    }

    /// <summary>Waits until the pod says how it ended: its log ends a moment earlier.</summary>
    private async Task<int> ExitCodeAsync()
    {
        var kind = (await invocation.KindsAsync()).Resolve(workload.Resource);
        var request = new WatchRequest
        {
            Resource = kind.Resource,
            Namespace = workload.Namespace,
            Name = workload.Name,
            Form = Form.Json,
        };
        await foreach (var change in invocation.Server.FollowAsync(request, invocation.Cancellation))
        {
            if (change.Type == WatchEvent.Types.Type.Bookmark) continue;
            var pod = JsonNode.Parse(change.Object.Json.Span);
            var phase = pod.Text("status", "phase");
            if (change.Type == WatchEvent.Types.Type.Deleted || phase is not ("Succeeded" or "Failed")) continue;
            var code = pod.Items("status", "containerStatuses").Select(status => status.Text("state", "terminated", "exitCode")).FirstOrDefault();
            return int.TryParse(code, out var exitCode) ? exitCode : phase == "Succeeded" ? ExitCodes.Success : ExitCodes.Failure;
        }
        throw new CommandException($"{workload.DisplayName} was deleted before it told its exit code");
    }

    /// <summary>Also after an interrupt, so not with the invocation's own token.</summary>
    private async Task DeleteAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), invocation.Environment.Time);
        using var deletion = new Invocation(invocation, limit.Token);
        var kind = (await deletion.KindsAsync()).Resolve(workload.Resource);
        try
        {
            await new ObjectDeletion(deletion) { GracePeriodSeconds = 1 }.DeleteAsync(new ResourceTarget(kind, workload.Name) { Namespace = workload.Namespace });
        }
        catch (RpcException exception) when (ClusterErrors.IsNotFound(exception))
        {
            // It never came to be, or someone else was faster.
        }
    }
}

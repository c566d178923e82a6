using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Orchestrator.NodeAgent.Cri.V1;

namespace Orchestrator.Conformance.Fakes;

/// <summary>CRI's runtime service over <see cref="FakeContainerd"/>'s memory.</summary>
internal sealed class FakeRuntimeService(FakeContainerd host) : RuntimeService.RuntimeServiceBase
{
    public override Task<VersionResponse> Version(VersionRequest request, ServerCallContext context)
        => Task.FromResult(new VersionResponse { RuntimeName = "fake", RuntimeVersion = "1.0", RuntimeApiVersion = "v1" });

    public override Task<StatusResponse> Status(StatusRequest request, ServerCallContext context) => Task.FromResult(new StatusResponse
    {
        Status = new RuntimeStatus
        {
            Conditions = { new RuntimeCondition { Type = "RuntimeReady", Status = true }, new RuntimeCondition { Type = "NetworkReady", Status = true } },
        },
    });

    public override async Task<RunPodSandboxResponse> RunPodSandbox(RunPodSandboxRequest request, ServerCallContext context)
    {
        await host.EnterAsync("RunPodSandbox", request.Config.Metadata.Name, context.CancellationToken);
        lock (host.Lock)
        {
            var metadata = request.Config.Metadata;
            if (host.Sandboxes.Values.Any(known => known.Config.Metadata.Equals(metadata)))
                throw new RpcException(new Status(StatusCode.Unknown, $"the name of sandbox {metadata.Name} attempt {metadata.Attempt} is reserved"));
            var id = host.NextId();
            host.Sandboxes[id] = new FakeSandbox(id, request.Config, $"10.9.0.{(host.Sandboxes.Count % 250) + 2}", FakeContainer.Nanoseconds(host.Time));
            return new RunPodSandboxResponse { PodSandboxId = id };
        }
    }

    public override Task<StopPodSandboxResponse> StopPodSandbox(StopPodSandboxRequest request, ServerCallContext context)
    {
        List<string> ended = [];
        lock (host.Lock)
        {
            if (host.Sandboxes.TryGetValue(request.PodSandboxId, out var sandbox)) sandbox.Ready = false;
            foreach (var container in host.Containers.Values.Where(known => known.SandboxId == request.PodSandboxId && known.State == ContainerState.ContainerRunning))
            {
                container.Stop(TimeSpan.Zero);
                ended.Add(container.Id);
            }
        }

        foreach (var id in ended) host.Events.Publish("/tasks/exit", id);
        return Task.FromResult(new StopPodSandboxResponse());
    }

    public override Task<RemovePodSandboxResponse> RemovePodSandbox(RemovePodSandboxRequest request, ServerCallContext context)
    {
        lock (host.Lock)
        {
            host.Sandboxes.Remove(request.PodSandboxId);
            foreach (var id in host.Containers.Values.Where(known => known.SandboxId == request.PodSandboxId).Select(known => known.Id).ToList())
                host.Containers.Remove(id);
        }

        return Task.FromResult(new RemovePodSandboxResponse());
    }

    public override Task<ListPodSandboxResponse> ListPodSandbox(ListPodSandboxRequest request, ServerCallContext context)
    {
        var answer = new ListPodSandboxResponse();
        lock (host.Lock)
            answer.Items.AddRange(host.Sandboxes.Values.Where(known => Matches(known.Config.Labels, request.Filter.LabelSelector)).Select(known => new PodSandbox
            {
                Id = known.Id,
                Metadata = known.Config.Metadata,
                State = known.Ready ? PodSandboxState.SandboxReady : PodSandboxState.SandboxNotready,
                CreatedAt = known.CreatedAt,
                Labels = { known.Config.Labels },
                Annotations = { known.Config.Annotations },
            }));
        return Task.FromResult(answer);
    }

    public override Task<PodSandboxStatusResponse> PodSandboxStatus(PodSandboxStatusRequest request, ServerCallContext context)
    {
        lock (host.Lock)
            return host.Sandboxes.TryGetValue(request.PodSandboxId, out var known)
                ? Task.FromResult(new PodSandboxStatusResponse
                {
                    Status = new PodSandboxStatus { Id = known.Id, Metadata = known.Config.Metadata, Network = new PodSandboxNetworkStatus { Ip = known.Address } },
                })
                : throw Absent(request.PodSandboxId);
    }

    public override async Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, ServerCallContext context)
    {
        await host.EnterAsync("CreateContainer", request.SandboxConfig.Metadata.Name, context.CancellationToken);
        lock (host.Lock)
        {
            if (!host.Images.Has(request.Config.Image.Image)) throw new RpcException(new Status(StatusCode.Unknown, $"image {request.Config.Image.Image} not found"));
            var id = host.NextId();
            host.Containers[id] = new FakeContainer(id, request.PodSandboxId, request.Config, request.SandboxConfig.LogDirectory, host.Time);
            return new CreateContainerResponse { ContainerId = id };
        }
    }

    public override async Task<StartContainerResponse> StartContainer(StartContainerRequest request, ServerCallContext context)
    {
        FakeContainer container;
        lock (host.Lock) container = Find(request.ContainerId);
        await host.EnterAsync("StartContainer", container.Config.Labels["io.kubernetes.pod.name"], context.CancellationToken);
        bool started;
        lock (host.Lock) started = container.Start();
        host.Events.Publish("/tasks/start", container.Id);
        if (container.State == ContainerState.ContainerExited) host.Events.Publish("/tasks/exit", container.Id);
        return started ? new StartContainerResponse() : throw new RpcException(new Status(StatusCode.Unknown, $"exec: \"{container.Config.Command[0]}\": not found"));
    }

    public override async Task<StopContainerResponse> StopContainer(StopContainerRequest request, ServerCallContext context)
    {
        FakeContainer container;
        lock (host.Lock) container = Find(request.ContainerId);
        await host.EnterAsync("StopContainer", container.Config.Labels["io.kubernetes.pod.name"], context.CancellationToken);
        lock (host.Lock) container.Stop(TimeSpan.FromSeconds(request.Timeout));
        host.Events.Publish("/tasks/exit", container.Id);
        return new StopContainerResponse();
    }

    public override Task<RemoveContainerResponse> RemoveContainer(RemoveContainerRequest request, ServerCallContext context)
    {
        lock (host.Lock) host.Containers.Remove(request.ContainerId);
        return Task.FromResult(new RemoveContainerResponse());
    }

    public override Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context)
    {
        var answer = new ListContainersResponse();
        lock (host.Lock)
            answer.Containers.AddRange(host.Containers.Values.Where(known => Matches(known.Config.Labels, request.Filter.LabelSelector)).Select(known => new Container
            {
                Id = known.Id,
                PodSandboxId = known.SandboxId,
                Metadata = known.Config.Metadata,
                State = known.State,
                ImageRef = known.Config.Image.Image,
                Labels = { known.Config.Labels },
                Annotations = { known.Config.Annotations },
            }));
        return Task.FromResult(answer);
    }

    public override Task<ContainerStatusResponse> ContainerStatus(ContainerStatusRequest request, ServerCallContext context)
    {
        lock (host.Lock)
        {
            var known = Find(request.ContainerId);
            return Task.FromResult(new ContainerStatusResponse
            {
                Status = new ContainerStatus
                {
                    Id = known.Id,
                    Metadata = known.Config.Metadata,
                    State = known.State,
                    CreatedAt = known.CreatedAt,
                    StartedAt = known.StartedAt,
                    FinishedAt = known.FinishedAt,
                    ExitCode = known.ExitCode,
                    Reason = known.Reason,
                    ImageRef = known.Config.Image.Image,
                    Labels = { known.Config.Labels },
                    Annotations = { known.Config.Annotations },
                },
            });
        }
    }

    public override Task<ExecResponse> Exec(ExecRequest request, ServerCallContext context)
        => Task.FromResult(new ExecResponse
        {
            Url = $"{host.StreamAddress}/exec?script={Uri.EscapeDataString(request.Cmd[^1])}&streams={Streams(request.Stdin, request.Stderr)}",
        });

    public override Task<AttachResponse> Attach(AttachRequest request, ServerCallContext context)
        => Task.FromResult(new AttachResponse
        {
            Url = $"{host.StreamAddress}/attach?container={request.ContainerId}&streams={Streams(request.Stdin, request.Stderr)}",
        });

    public override Task<PortForwardResponse> PortForward(PortForwardRequest request, ServerCallContext context)
        => Task.FromResult(new PortForwardResponse { Url = $"{host.StreamAddress}/portforward?sandbox={request.PodSandboxId}" });

    private static string Streams(bool stdin, bool stderr) => $"error,stdout{(stdin ? ",stdin" : "")}{(stderr ? ",stderr" : "")}";

    /// <summary>The dialect of <see cref="FakeContainer"/>, and <c>test -f NAME</c>.</summary>
    public override async Task<ExecSyncResponse> ExecSync(ExecSyncRequest request, ServerCallContext context)
    {
        FakeContainer container;
        lock (host.Lock) container = Find(request.ContainerId);
        await host.EnterAsync("ExecSync", container.Config.Labels["io.kubernetes.pod.name"], context.CancellationToken);
        var answer = new ExecSyncResponse();
        foreach (var statement in request.Cmd[^1].Split(';', StringSplitOptions.TrimEntries))
        {
            if (statement.StartsWith("exit ", StringComparison.Ordinal)) answer.ExitCode = int.Parse(statement["exit ".Length..], CultureInfo.InvariantCulture);
            else if (statement.StartsWith("test -f ", StringComparison.Ordinal)) answer.ExitCode = host.Files.ContainsKey(statement["test -f ".Length..]) ? 0 : 1;
            else if (statement.EndsWith(">&2", StringComparison.Ordinal)) answer.Stderr = ByteString.CopyFromUtf8(statement["echo ".Length..^3].TrimEnd() + "\n");
            else if (statement.StartsWith("echo ", StringComparison.Ordinal)) answer.Stdout = ByteString.CopyFromUtf8(statement["echo ".Length..] + "\n");
        }

        return answer;
    }

    private FakeContainer Find(string id) => host.Containers.TryGetValue(id, out var container) ? container : throw Absent(id);

    private static RpcException Absent(string id) => new(new Status(StatusCode.NotFound, $"{id} not found"));

    private static bool Matches(MapField<string, string> labels, MapField<string, string> selector)
        => selector.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);
}

using Orchestrator.NodeAgent.Assignments.Status;
using Orchestrator.NodeAgent.Drivers.Cri;
using Orchestrator.NodeAgent.Images;
using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Tests.Drivers;

public sealed class ResourceMappingTests
{
    [Theory]
    [InlineData("500m", null, null, 512, 0, 0)]
    [InlineData("500m", "1", "64Mi", 512, 100_000, 64 << 20)]
    [InlineData(null, "250m", null, 256, 25_000, 0)]
    [InlineData(null, null, null, 2, 0, 0)]
    [InlineData("1m", "1m", null, 2, 1000, 0)]
    public void Requests_and_limits_become_cgroup_figures(string? request, string? cpuLimit, string? memoryLimit, long shares, long quota, long memory)
    {
        var container = Container(request, null, cpuLimit, memoryLimit);
        var resources = LinuxResources.Of(new PodSpec { Containers = { container } }, container);
        Assert.Equal((shares, quota, memory), (resources.CpuShares, resources.CpuQuota, resources.MemoryLimitInBytes));
    }

    [Theory]
    [InlineData(null, null, null, null, "BestEffort")]
    [InlineData("100m", null, null, null, "Burstable")]
    [InlineData(null, null, "1", null, "Burstable")]
    [InlineData(null, null, "1", "1Gi", "Guaranteed")]
    [InlineData("1000m", "1024Mi", "1", "1Gi", "Guaranteed")]
    [InlineData("1000m", "512Mi", "1", "1Gi", "Burstable")]
    public void Quality_of_service(string? cpu, string? memory, string? cpuLimit, string? memoryLimit, string expected)
        => Assert.Equal(expected, QualityOfService.Of(new PodSpec { Containers = { Container(cpu, memory, cpuLimit, memoryLimit) } }));

    [Theory]
    [InlineData("busybox", true)]
    [InlineData("busybox:latest", true)]
    [InlineData("localhost:5000/busybox", true)]
    [InlineData("localhost:5000/busybox:1", false)]
    [InlineData("busybox@sha256:00", false)]
    public void Which_images_are_the_newest_by_name(string image, bool latest) => Assert.Equal(latest, ImageReference.IsLatest(image));

    [Theory]
    [InlineData("$(A)-$(B)", "1-$(B)")]
    [InlineData("$$(A) $A $(A", "$(A) $A $(A")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$", "$")]
    public void References_to_variables(string text, string expected)
        => Assert.Equal(expected, VariableReferences.Expand(text, new Dictionary<string, string> { ["A"] = "1" }));

    private static Container Container(string? cpu, string? memory, string? cpuLimit, string? memoryLimit)
    {
        var container = new Container { Name = "main", Resources = new ResourceRequirements() };
        foreach (var (name, request, limit) in new[] { ("cpu", cpu, cpuLimit), ("memory", memory, memoryLimit) })
        {
            if (request is not null) container.Resources.Requests[name] = request;
            if (limit is not null) container.Resources.Limits[name] = limit;
        }

        return container;
    }
}

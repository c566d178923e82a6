using CsCheck;
using Google.Protobuf;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.DiscoveryV1;
using Orchestrator.Objects.MetaV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Networking.Endpoints;

namespace Orchestrator.Silo.Tests.Networking;

public sealed class SlicePlanTests
{
    private static readonly StoredObject Service = Stored("s", new Service
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "s", Uid = "service" },
        Spec = new ServiceSpec { ClusterIp = "10.96.0.1", Ports = { new ServicePort { Port = 80, Protocol = "TCP", TargetPort = new IntOrString { StringValue = "web" } } } },
    });

    /// <summary>Pods come, go, change and serve on two ports; after each step the slices say what there is, none is too large, and few are written.</summary>
    [Fact]
    public void Slices_say_what_there_is_and_few_of_them_are_written() => Gen.Select(Gen.Int[0, 400], Gen.Int[0, 2], Gen.Bool).Array[1, 400].Holds(steps =>
    {
        var pods = new Dictionary<int, StoredObject>();
        var slices = new List<StoredObject>();
        foreach (var chunk in steps.Chunk(37))
        {
            foreach (var (number, port, ready) in chunk)
            {
                if (port == 2) pods.Remove(number);
                else pods[number] = Pod(number, port == 0 ? 80 : 8080, ready);
            }

            Carry(pods, slices);
            var said = slices.SelectMany(slice => slice.As<EndpointSlice>().Endpoints.Select(endpoint => (endpoint.Addresses[0], endpoint.Conditions.Ready, slice.As<EndpointSlice>().Ports[0].Port))).Order();
            Assert.Equal(pods.Values.Select(pod => (pod.As<Pod>().Status.PodIp, pod.As<Pod>().Status.Conditions[1].Status == "True", pod.As<Pod>().Spec.Containers[0].Ports[0].ContainerPort_)).Order(), said);
            Assert.All(slices, slice => Assert.InRange(slice.As<EndpointSlice>().Endpoints.Count, pods.Count == 0 ? 0 : 1, SlicePlan.EndpointsPerSlice));
            Assert.Equal(0, Carry(pods, slices));
        }

        if (pods.Count == 0) return;
        // One pod that changes costs one slice.
        var (key, before) = pods.First();
        pods[key] = Pod(key, before.As<Pod>().Spec.Containers[0].Ports[0].ContainerPort_, before.As<Pod>().Status.Conditions[1].Status != "True");
        Assert.Equal(1, Carry(pods, slices));
    }, iter: 60);

    [Fact]
    public void A_service_with_nothing_behind_it_has_one_slice_that_says_so()
    {
        var slices = new List<StoredObject>();
        Assert.Equal(1, Carry([], slices));
        Assert.Empty(Assert.Single(slices).As<EndpointSlice>().Endpoints);
        Assert.Equal(0, Carry([], slices));
    }

    private static int Carry(Dictionary<int, StoredObject> pods, List<StoredObject> slices)
    {
        var plan = SlicePlan.Of(Service, pods.Values.Select(EndpointTarget.Of).OfType<EndpointTarget>(), slices.ToArray());
        var writes = 0;
        foreach (var gone in plan.Deleted.ToArray()) writes += slices.Remove(gone) ? 1 : 0;
        foreach (var (present, slice) in plan.Updated.ToArray())
        {
            slices[slices.IndexOf(present)] = Stored(present.Key.Name, slice);
            writes++;
        }

        foreach (var made in plan.Created.ToArray())
        {
            slices.Add(Stored($"slice-{Guid.NewGuid():N}", made));
            writes++;
        }

        return writes;
    }

    private static StoredObject Pod(int number, int port, bool ready) => Stored($"p{number}", new Pod
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = $"p{number}", Uid = $"uid-{number}" },
        Spec = new PodSpec { NodeName = "h", Containers = { new Container { Name = "c", Ports = { new ContainerPort { Name = "web", ContainerPort_ = port, Protocol = "TCP" } } } } },
        Status = new PodStatus
        {
            PodIp = $"10.0.{number / 250}.{(number % 250) + 1}",
            Conditions = { new Condition { Type = "PodScheduled", Status = "True" }, new Condition { Type = "Ready", Status = ready ? "True" : "False" } },
        },
    });

    private static StoredObject Stored(string name, IMessage obj)
    {
        var kind = KindCatalog.Of(obj);
        return new StoredObject(new ObjectKey(kind.Resource, "default", name), kind, Revision.None, obj.ToByteArray());
    }
}

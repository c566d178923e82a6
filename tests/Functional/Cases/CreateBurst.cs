using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Functional.Cases;

/// <summary>
/// Many creates at once, each with a request id of its own and a name that the server makes: a create that was done
/// twice shows as two objects with one index. These pods fit nowhere: the scheduler looks at each, and none runs.
/// </summary>
internal sealed class CreateBurst(Api.V1.Objects.ObjectsClient objects, int count)
{
    private const int Writers = 32;
    private readonly ConcurrentDictionary<int, string> _acknowledged = new();
    private readonly string[] _requests = Enumerable.Range(0, count).Select(_ => Guid.NewGuid().ToString()).ToArray();
    private readonly SemaphoreSlim _acknowledgements = new(0);

    /// <summary>Creates all that isn't acknowledged yet. Returns the uid of each index that is; a lost server ends the run.</summary>
    public async Task<IReadOnlyDictionary<int, string>> RunAsync(CancellationToken cancellation)
    {
        var open = new ConcurrentQueue<int>(Enumerable.Range(0, count).Where(index => !_acknowledged.ContainsKey(index)));
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(open, cancellation)));
        return _acknowledged;
    }

    /// <summary>Waits until so many creates are acknowledged.</summary>
    public async Task AcknowledgedAsync(int number)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        for (var seen = 0; seen < number; seen++) await _acknowledgements.WaitAsync(limit.Token);
    }

    public async Task<IReadOnlyList<(int Index, string Uid)>> StoredAsync()
    {
        var list = await objects.ListAsync(new ListRequest
        {
            Resource = new ResourceName { Resource = "pods" },
            Namespace = "default",
            LabelSelector = "burst=yes",
            Form = Form.Proto,
        });
        return list.Items.Select(item => Orchestrator.Objects.CoreV1.Pod.Parser.ParseFrom(item.Proto.Value).Metadata)
            .Select(metadata => (int.Parse(metadata.Labels["index"], CultureInfo.InvariantCulture), metadata.Uid)).ToList();
    }

    private async Task WriteAsync(ConcurrentQueue<int> open, CancellationToken cancellation)
    {
        while (open.TryDequeue(out var index))
        {
            try
            {
                var created = await objects.CreateAsync(Request(index), cancellationToken: cancellation);
                _acknowledged[index] = created.Uid;
                _acknowledgements.Release();
            }
            catch (RpcException lost) when (lost.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled)
            {
                return;
            }
        }
    }

    private CreateRequest Request(int index) => new()
    {
        RequestId = _requests[index],
        DefaultNamespace = "default",
        Form = Form.Proto,
        Manifest = new Manifest
        {
            Source = "burst",
            Text = ByteString.CopyFrom(Encoding.UTF8.GetBytes($$"""
                apiVersion: v1
                kind: Pod
                metadata:
                  generateName: burst-
                  labels: {burst: "yes", index: "{{index}}" }
                spec:
                  nodeSelector: {burst: nowhere}
                  containers: [{name: main, image: "localhost/none:1"}]
                """)),
        },
    };
}

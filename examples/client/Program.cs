// Submits a pod, follows it to its end, prints its log and removes it.
//   ORC_SERVER=http://127.0.0.1:7650 dotnet run --project examples/client -- localhost/orchestrator/web:1 echo hello
using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Client;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.MetaV1;

if (args is not [var image, .. { Length: > 0 } command])
{
    await Console.Error.WriteLineAsync("usage: submit IMAGE COMMAND [ARG…]");
    return 2;
}

using var client = ClusterClient.FromConfig();
var pods = client.Of<Pod>();
using var submission = client.Workloads.Submit(new SubmitRequest
{
    RequestId = RequestId.New(), // the same id again is the same pod
    Pod = new Pod
    {
        Metadata = new ObjectMeta { GenerateName = "submitted-", Namespace = client.Namespace },
        Spec = new PodSpec { RestartPolicy = "Never", Containers = { new Container { Name = "main", Image = image, Command = { command } } } },
    },
});
if (!await submission.ResponseStream.MoveNext(CancellationToken.None)) return 1;
var name = submission.ResponseStream.Current.Object.Name;
Console.WriteLine($"pod/{name} submitted");

var phase = "";
await foreach (var change in pods.WatchAsync(new ObjectSelector(Fields: $"metadata.name={name}")))
{
    if (change.Value?.Status?.Phase is { Length: > 0 } now && now != phase) Console.WriteLine($"pod/{name} {phase = now}");
    if (phase is "Succeeded" or "Failed") break;
}

using var log = client.Workloads.Logs(new LogsRequest { Namespace = client.Namespace, Pod = name });
await foreach (var chunk in log.ResponseStream.ReadAllAsync()) Console.Write(chunk.Data.ToStringUtf8());
await pods.DeleteAsync(name);
return phase == "Succeeded" ? 0 : 1;

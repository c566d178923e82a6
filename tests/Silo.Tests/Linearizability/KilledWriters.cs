using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Silo.Tests.Cluster;

namespace Orchestrator.Silo.Tests.Linearizability;

/// <summary>
/// Clients that compare and swap a few objects over REST while their silo is killed and started again, each time after a number of
/// acknowledged writes that the seed says. An answer that never came leaves the outcome unknown, and the client goes on.
/// </summary>
internal sealed class KilledWriters(int seed, Func<Task<SiloProcess>> start)
{
    private const int Clients = 6;
    private const int Objects = 2;
    private const int FewestWrites = 20;
    private const int MostWrites = 120;
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private readonly Histories[] _histories = [.. Enumerable.Range(0, Objects).Select(number => new Histories($"object {number}"))];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private volatile SiloProcess? _silo;
    private TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _untilKill;
    private TaskCompletionSource _due = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What happened, in a line.</summary>
    public async Task<string> Run(int kills, CancellationToken cancellation)
    {
        var random = new Random(seed);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _silo = await start();
        for (var number = 0; number < Objects; number++) await Send(HttpMethod.Post, "", Body(number, [], null), cancellation);
        _up.SetResult();
        _untilKill = random.Next(FewestWrites, MostWrites);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => Work(client, new Random(seed + client), done.Token), cancellation)).ToArray();
        for (var kill = 0; kill < kills; kill++)
        {
            await _due.Task.WaitAsync(cancellation);
            _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _silo.Kill();
            await _silo.DisposeAsync();
            _silo = await start();
            _due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _untilKill, random.Next(FewestWrites, MostWrites));
            _up.SetResult();
        }

        await _due.Task.WaitAsync(cancellation);
        await done.CancelAsync();
        await Task.WhenAll(clients);
        for (var number = 0; number < Objects; number++) _histories[number].Check((await Read(number, cancellation)).Value);
        await _silo.DisposeAsync();
        _http.Dispose();
        return $"seed {seed}: {kills} kills, {_histories.Sum(one => one.Acknowledged)} writes acknowledged, {_histories.Sum(one => one.Refused)} refused, {_histories.Sum(one => one.Unknown)} with unknown outcome; none lost, none doubled";
    }

    private async Task Work(int client, Random random, CancellationToken done)
    {
        for (var step = 0; !done.IsCancellationRequested; step++)
        {
            var up = _up.Task;
            var number = random.Next(Objects);
            var (history, write) = (_histories[number], $"{client}.{step}");
            var (sent, known) = (false, history.Asked());
            try
            {
                var (value, version) = await Read(number, done);
                history.Saw(value, known);
                string[] next = [.. value, write];
                sent = true;
                using var answer = await Send(HttpMethod.Put, $"/m{number}", Body(number, next, version), done);
                if (answer.StatusCode == HttpStatusCode.Conflict) history.WasRefused(write);
                else if (answer.IsSuccessStatusCode) Acknowledged(history, next);
                else history.MayHaveWritten(write);
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                if (sent) history.MayHaveWritten(write);
                // The silo is being killed, or is gone: on with the next one, unless this is the end.
                if (!done.IsCancellationRequested && !up.IsCompleted) await up.WaitAsync(done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Acknowledged(Histories history, string[] value)
    {
        history.Wrote(value);
        if (Interlocked.Decrement(ref _untilKill) == 0) _due.TrySetResult();
    }

    private async Task<(string[] Value, string Version)> Read(int number, CancellationToken cancellation)
    {
        using var answer = await Send(HttpMethod.Get, $"/m{number}", null, cancellation);
        answer.EnsureSuccessStatusCode();
        var map = (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!;
        return (((string)map["data"]!["writes"]!).Split(',', StringSplitOptions.RemoveEmptyEntries), (string)map["metadata"]!["resourceVersion"]!);
    }

    private static string Body(int number, string[] writes, string? version)
    {
        var seen = version is null ? "" : $", \"resourceVersion\": \"{version}\"";
        return $"{{\"metadata\": {{\"name\": \"m{number}\"{seen}}}, \"data\": {{\"writes\": \"{string.Join(',', writes)}\"}}}}";
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(_silo!.Http, Maps + path));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.SendAsync(request, cancellation);
    }
}

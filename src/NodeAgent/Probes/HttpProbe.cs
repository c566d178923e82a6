using Orchestrator.Objects.CoreV1;

namespace Orchestrator.NodeAgent.Probes;

/// <summary>
/// Healthy if the answer's status is 200 to 399. A redirect to the same host is followed; one to elsewhere is an answer. The
/// certificate of https isn't checked: the address is known, and nobody gives out certificates for addresses of pods.
/// </summary>
internal sealed class HttpProbe(Uri uri, IReadOnlyList<HTTPHeader> headers) : IProbeAction
{
    private const int MostRedirects = 10;

    /// <summary>A connection each, as a client that comes for the first time: a kept one would hide a listener that is gone.</summary>
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
#pragma warning disable CA5359 // Kubernetes' rule, for the reason above.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<ProbeOutcome> RunAsync(CancellationToken cancellation)
    {
        var target = uri;
        try
        {
            for (var redirects = 0; redirects <= MostRedirects; redirects++)
            {
                using var answer = await AskAsync(target, cancellation);
                var status = (int)answer.StatusCode;
                if (status is < 200 or >= 400) return ProbeOutcome.Failed($"HTTP probe failed with statuscode: {status}");
                if (status < 300 || Next(target, answer) is not { } next) return ProbeOutcome.Healthy;
                target = next;
            }

            return ProbeOutcome.Failed($"GET {uri}: more than {MostRedirects} redirects");
        }
        catch (HttpRequestException failed)
        {
            return ProbeOutcome.Failed($"GET {target}: {failed.Message}");
        }
    }

    private async Task<HttpResponseMessage> AskAsync(Uri target, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.TryAddWithoutValidation("User-Agent", "orchestrator-probe");
        foreach (var header in headers)
        {
            if (header.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)) request.Headers.UserAgent.Clear();
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private Uri? Next(Uri from, HttpResponseMessage answer)
        => Uri.TryCreate(from, answer.Headers.Location, out var next) && next.Host == uri.Host && next.Scheme is "http" or "https" ? next : null;
}

using System.Diagnostics;

namespace Orchestrator.NodeAgent.Tests.Networking;

/// <summary>Pods that answer on port 8080 with their own name and the address that they see of who asks.</summary>
internal sealed class ServicePods(TestHosts hosts) : IAsyncDisposable
{
    private readonly string _pages = Directory.CreateTempSubdirectory("oct-pages").FullName;
    private readonly List<Process> _servers = [];

    /// <summary>Its name is POD: p12 is the second address of host 1.</summary>
    public async Task<string> AddAsync(int host, int number)
    {
        var pod = await hosts.AddPodAsync(host, number);
        await ServeAsync(pod);
        return pod;
    }

    /// <summary>Anybody else can answer so, too.</summary>
    public async Task ServeAsync(string pod)
    {
        var script = Path.Join(_pages, pod, "cgi-bin", "who");
        Directory.CreateDirectory(Path.GetDirectoryName(script)!);
        await File.WriteAllTextAsync(script, $"#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n{pod} %s' \"$REMOTE_ADDR\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _servers.Add(hosts.Start(pod, "busybox", "httpd", "-f", "-p", "0.0.0.0:8080", "-h", Path.Join(_pages, pod)));
        await UntilListensAsync(pod);
    }

    /// <summary>Who answers, and as whom he sees the one who asks; null if nobody does.</summary>
    public async Task<string?> AskAsync(string from, string address)
    {
        var (status, output, _) = await hosts.TryAsync(from, "timeout", "3", "busybox", "wget", "-q", "-O", "-", $"http://{address}/cgi-bin/who");
        return status == 0 ? output.Trim() : null;
    }

    /// <summary>Who answers when it is asked so often.</summary>
    public async Task<string> AnswersAsync(string from, string address, int questions)
    {
        var answers = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < questions; i++) answers.Add((await AskAsync(from, address))?.Split(' ')[0] ?? "nobody");
        return string.Join(' ', answers);
    }

    /// <summary>All of these answer, and nobody else: asked until each has, for chance may take its time.</summary>
    public async Task AllAnswerAsync(string from, string address, params string[] pods)
    {
        const int Patience = 500;
        var missing = pods.ToHashSet();
        for (var i = 0; missing.Count > 0; i++)
        {
            var answer = await AskAsync(from, address);
            Assert.Contains(answer?.Split(' ')[0] ?? $"nobody at {address} from {from}", pods);
            missing.Remove(answer!.Split(' ')[0]);
            Assert.True(i < Patience, $"{string.Join(' ', missing)} never answered");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Kill();
            await server.WaitForExitAsync();
            server.Dispose();
        }

        Directory.Delete(_pages, recursive: true);
    }

    private async Task UntilListensAsync(string pod)
    {
        while (!(await hosts.RunAsync(pod, "cat", "/proc/net/tcp", "/proc/net/tcp6")).Contains(":1F90 ", StringComparison.Ordinal)) await Task.Yield();
    }
}

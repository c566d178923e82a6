using System.Net;
using ARSoft.Tools.Net.Dns;
using Orchestrator.NodeAgent.Networking.Cluster;

namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>
/// The servers that the host itself asks, by its /etc/resolv.conf, read again when it changes. A host may ask the cluster's server, too; that one
/// must not ask itself.
/// </summary>
internal sealed class HostResolver(ClusterNetwork network, string path, int port = HostResolver.Port)
{
    private const int Port = 53;
    private const int AnswersWithinMilliseconds = 3000;
    private (DateTime Written, DnsClient? Client) _known;

    public async Task<DnsMessage> AskAsync(DnsMessage query, CancellationToken cancellation)
    {
        if (Client() is not { } client) return DnsAnswers.Refused(query, ReturnCode.ServerFailure);
        var question = new DnsMessage { IsRecursionDesired = query.IsRecursionDesired, IsEDnsEnabled = true };
        question.Questions.AddRange(query.Questions);
        var answered = await client.SendMessageAsync(question, cancellation);
        if (answered is null) return DnsAnswers.Refused(query, ReturnCode.ServerFailure);
        var answer = DnsAnswers.Refused(query, answered.ReturnCode);
        answer.AnswerRecords.AddRange(answered.AnswerRecords);
        answer.AuthorityRecords.AddRange(answered.AuthorityRecords);
        return answer;
    }

    private DnsClient? Client()
    {
        var written = File.GetLastWriteTimeUtc(path);
        if (_known.Written == written) return _known.Client;
        IPAddress[] servers = File.Exists(path) ? [.. ResolvConf.Read(path).Servers.Where(server => server != network.Dns?.Address).Select(IPAddress.Parse)] : [];
        _known = (written, servers.Length == 0 ? null : new DnsClient(servers, [new UdpClientTransport(port), new TcpClientTransport(port)], true, AnswersWithinMilliseconds));
        return _known.Client;
    }
}

using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;

namespace Orchestrator.NodeAgent.Networking.Dns;

/// <summary>What the cluster's own names are answered with. Pure; what isn't ours to answer is null, and asked elsewhere.</summary>
internal sealed class DnsAnswers(string domain)
{
    /// <summary>Endpoints come and go.</summary>
    private const int SecondsToLive = 5;
    private const string Reverse = "in-addr.arpa";

    private readonly DomainName _origin = DomainName.Parse(domain);

    public DnsMessage? Answer(DnsMessage query, DnsZone zone)
    {
        if (query.Questions is not [var question]) return Refused(query, ReturnCode.FormatError);
        if (question.RecordType is RecordType.Ptr && Pointed(question.Name, zone) is { } name) return With(query, [new PtrRecord(question.Name, SecondsToLive, Full(name))]);
        if (!question.Name.IsEqualOrSubDomainOf(_origin)) return null;

        var relative = string.Join('.', question.Name.Labels[..^_origin.LabelCount]).ToLowerInvariant();
        if (relative.Length == 0) return With(query, []);
        if (zone.Find(relative) is not { } entry) return Missing(query, ReturnCode.NxDomain);
        return With(query, [.. Records(question, entry, zone)]);
    }

    private IEnumerable<DnsRecordBase> Records(DnsQuestion question, DnsEntry entry, DnsZone zone)
    {
        if (entry.Alias.Length > 0)
        {
            yield return new CNameRecord(question.Name, SecondsToLive, DomainName.Parse(entry.Alias));
            yield break;
        }

        if (question.RecordType is RecordType.A or RecordType.Any)
            foreach (var address in entry.Addresses) yield return new ARecord(question.Name, SecondsToLive, address);
        if (question.RecordType is RecordType.Srv or RecordType.Any)
            foreach (var offer in entry.Offers) yield return new SrvRecord(question.Name, SecondsToLive, 0, 100, (ushort)offer.Port, Full(offer.Target));
    }

    /// <summary>A name without what is asked for is there nevertheless: no records, and no "no such name".</summary>
    private DnsMessage With(DnsMessage query, IReadOnlyList<DnsRecordBase> records)
    {
        if (records.Count == 0) return Missing(query, ReturnCode.NoError);
        var answer = Refused(query, ReturnCode.NoError);
        answer.IsAuthoritiveAnswer = true;
        answer.AnswerRecords.AddRange(records);
        return answer;
    }

    private DnsMessage Missing(DnsMessage query, ReturnCode code)
    {
        var answer = Refused(query, code);
        answer.IsAuthoritiveAnswer = true;
        // How long it may be remembered that there is nothing.
        answer.AuthorityRecords.Add(new SoaRecord(_origin, SecondsToLive, DomainName.Parse("ns.dns") + _origin, DomainName.Parse("hostmaster") + _origin, 1, 7200, 1800, 86400, SecondsToLive));
        return answer;
    }

    public static DnsMessage Refused(DnsMessage query, ReturnCode code)
    {
        var answer = query.CreateResponseInstance();
        answer.ReturnCode = code;
        answer.IsRecursionAllowed = true;
        return answer;
    }

    private static string? Pointed(DomainName name, DnsZone zone)
    {
        if (!name.IsSubDomainOf(DomainName.Parse(Reverse)) || name.LabelCount != 6) return null;
        return IPAddress.TryParse(string.Join('.', name.Labels[..4].Reverse()), out var address) ? zone.NameOf(address) : null;
    }

    private DomainName Full(string relative) => DomainName.Parse(relative) + _origin;
}

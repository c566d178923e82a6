using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Tests.Encoding;

public sealed class FormatsTests
{
    private static readonly string Sha = new('a', 64);

    public static TheoryData<Format, string[], string[]> Samples => new()
    {
        { Format.DnsLabel, ["a", "a-b", "0", new string('a', 63)], ["", "-a", "a-", "A", "a.b", "a_b", "é", "a\n", new string('a', 64)] },
        { Format.DnsSubdomain, ["a", "a.b-c.d", "1.2"], ["", ".", "a.", ".a", "a..b", "../x", "A.b", "a/b", string.Join('.', Enumerable.Repeat("aaaaaaaaa", 26))] },
        { Format.QualifiedName, ["a", "A_b.c-d", "example.com/a", "nvidia.com/gpu"], ["", "/", "a/", "/a", "a/b/c", "-a", "a-", "EX.com/a", "a b", new string('a', 64)] },
        { Format.LabelValue, ["", "a", "A_b.c", "1"], ["-", "a-", ".a", "a b", "a/b", new string('a', 64)] },
        { Format.EnvironmentName, ["A", "_a", "a.b-c", ".a", "-a"], ["", "1a", "a b", "a=b", ".", "..", "..a", "é"] },
        { Format.PortName, ["http", "a1", "1a", "web-1"], ["", "80", "a--b", "-a", "a-", "HTTP", "abcdefghijklmnop"] },
        { Format.AbsolutePath, ["/", "/a/../b"], ["", "a", "./a", "/a\0"] },
        { Format.IpAddress, ["10.0.0.1", "0.0.0.0", "::", "fd00::1", "::ffff:1.2.3.4"], ["", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 ", "fe80::1%eth0", "[::1]", ":::", "0x7f.0.0.1"] },
        { Format.Cidr, ["10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "fd00::/64", "::/128"], ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "fd00::/129", "/8", "a/8"] },
        { Format.MacAddress, ["02:00:00:00:00:01", "fe:ff:0a:9b:c0:de"], ["", "00:00:00:00:00:00", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "02:00:00:00:00", "02:00:00:00:00:0G", "02-00-00-00-00-01", "02:00:00:00:00:0A", "02:00:00:00:00:01 "] },
        { Format.PathSegment, ["a", "...", "A:b c"], ["", ".", "..", "a/b", "a%2fb"] },
        { Format.Quantity, ["0", "500m", "128Mi", "1e3"], ["", "-1", "a", "1 Gi"] },
        {
            Format.ImageReference,
            ["busybox", "library/busybox:1.36", "localhost/a", "localhost:5000/a/b", "registry.local:5000/team/web:v1.2-x_y", "REG.example/a", "[::1]:5000/a", "a__b/c---d.e",
                $"busybox@sha256:{Sha}", $"busybox:1@sha256:{Sha}", "a:" + new string('t', 128)],
            ["", ":1", "a:", "A", "a/B", "a//b", "/a", "a/", "a b", "a..b", "a___b", "a_.b", "-a", "a-", "a:b:c", "a@", "a@sha256:abc", $"a@sha256:{Sha.ToUpperInvariant()}", "https://a/b", "a:-t", "a:" + new string('t', 129), new string('a', 256), "../x", "host:99999/a"]
        },
    };

    [Theory, MemberData(nameof(Samples))]
    public void A_format_takes_what_Kubernetes_takes(Format format, string[] good, string[] bad)
    {
        Assert.All(good, text => Assert.Null(Formats.Problem(format, text)));
        Assert.All(bad, text => Assert.StartsWith("must ", Formats.Problem(format, text), StringComparison.Ordinal));
    }
}

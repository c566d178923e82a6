using System.Text;

namespace Orchestrator.Silo.Tests.Hostile;

/// <summary>What nobody should send: noise, and good documents with something wrong in them.</summary>
internal sealed class HostileText(Random random)
{
    private static readonly string[] Good =
    [
        """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"a":"b"},"annotations":{"c":"d"}},"data":{"e":"f"}}""",
        """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"x","uid":"y"}]},"spec":{"containers":[{"name":"main","image":"web:1","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}}""",
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""",
        """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},"spec":{"holderIdentity":"h","renewTime":"2026-01-01T00:00:00.000000Z"}}""",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  k: dmFsdWU=\n",
        """[{"op":"add","path":"/metadata/labels/x","value":"y"},{"op":"test","path":"/metadata/name","value":"a"}]""",
        """{"metadata":{"labels":{"x":null}},"$patch":"replace","data":{"$retainKeys":["a"]}}""",
        """{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"x"},"propagationPolicy":"Foreground","gracePeriodSeconds":5}""",
        """{"kind":"Scale","apiVersion":"autoscaling/v1","spec":{"replicas":4}}""",
    ];

    private static readonly string[] Nasty =
    [
        "1e999999999", "-0", "99999999999999999999999999999999", "0.1e-400", "null", "true", "\"\\ud800\"", "\"\\u0000\"", "{}", "[]", "[[[]]]", "\"\"", "NaN", "-",
        "\"9223372036854775808\"", "&a [*a, *a]", "*missing", "!!binary x", "<<: *a", "\"1Ei\"", "\"-1n\"", "\"2026-99-99T99:99:99Z\"", "2147483648", "1.5",
    ];

    public byte[] Next() => random.Next(10) switch
    {
        0 => Noise(random.Next(2000)),
        1 => Encoding.UTF8.GetBytes(Deep(random.Next(2) == 0 ? "[" : "{\"a\":", random.Next(1, 20_000))),
        2 => Encoding.UTF8.GetBytes(ManyLabels(random.Next(1, 5000))),
        3 => Encoding.UTF8.GetBytes(Aliases(random.Next(2, 30))),
        4 => Truncated(),
        5 or 6 => Flipped(),
        _ => Encoding.UTF8.GetBytes(Replaced()),
    };

    public byte[] Noise(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private string Document() => Good[random.Next(Good.Length)];

    private byte[] Truncated()
    {
        var bytes = Encoding.UTF8.GetBytes(Document());
        return bytes[..random.Next(bytes.Length)];
    }

    private byte[] Flipped()
    {
        var bytes = Encoding.UTF8.GetBytes(Document());
        for (var flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    /// <summary>One value of a good document is another one.</summary>
    private string Replaced()
    {
        var document = Document();
        var colon = document.IndexOf(':', random.Next(document.Length));
        if (colon < 0) return document + Nasty[random.Next(Nasty.Length)];
        var end = document.IndexOfAny([',', '}', ']', '\n'], colon);
        return document[..(colon + 1)] + Nasty[random.Next(Nasty.Length)] + (end < 0 ? "" : document[end..]);
    }

    private static string Deep(string open, int depth) => string.Concat(Enumerable.Repeat(open, depth));

    private static string ManyLabels(int count) =>
        $"{{\"metadata\":{{\"name\":\"a\",\"labels\":{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"k{i}\":\"{new string('v', i % 80)}\""))}}}}}}}";

    /// <summary>Each anchor is the one before it, many times over.</summary>
    private static string Aliases(int levels) => "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, levels).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
}

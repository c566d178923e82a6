using System.Diagnostics;
using System.Text;
using Orchestrator.Contracts.Encoding;
using Utf8 = System.Text.UTF8Encoding;

namespace Orchestrator.Contracts.Tests.Encoding;

/// <summary>
/// Inputs that are as bad as a megabyte can be: each is answered soon and shortly. What costs the square of its
/// length takes minutes here, what doesn't at most a second or two.
/// </summary>
public sealed class InputLimitTests
{
    private const int Limit = 1024 * 1024;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private const string Head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n";

    public static TheoryData<string> Worst => [.. WorstInputs.Keys];

    private static readonly Dictionary<string, Func<string>> WorstInputs = new()
    {
        ["deep JSON"] = () => new string('[', Limit),
        ["deep JSON objects"] = () => "{" + Repeat("\"a\":{", Limit - 10),
        ["deep flow YAML"] = () => "a: " + new string('[', Limit - 10),
        ["deep block YAML"] = () => Repeat("- ", Limit),
        ["deep block lines"] = () => string.Concat(Enumerable.Range(0, 1_000).Select(depth => new string(' ', depth) + "a:\n")),
        ["many labels"] = () => Head + "  labels:\n" + Numbered("    l{0}: \"{0}\"\n"),
        ["many bad labels"] = () => Head + "  labels:\n" + Numbered("    l{0}: \"-\"\n"),
        ["many numbers as labels"] = () => Head + "  labels:\n" + Numbered("    l{0}: 1\n"),
        ["one label again and again"] = () => Head + "  labels:\n" + Repeat("    a: b\n", Limit - 100),
        ["many unknown fields"] = () => Head + Numbered("f{0}: 1\n"),
        ["many unknown fields in JSON"] = () => "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"" + Numbered(",\"f{0}\":1") + "}",
        ["many containers"] = () => Head + "spec:\n  containers:\n" + Numbered("  - {{name: c{0}, image: i}}\n"),
        ["many equal containers"] = () => Head + "spec:\n  containers:\n" + Repeat("  - {name: c, image: i}\n", Limit - 100),
        ["many documents"] = () => Repeat("a: b\n---\n", Limit),
        ["many JSON documents"] = () => Repeat("{}\n", Limit),
        ["many anchors"] = () => Head + Numbered("a{0}: &a{0} 1\n"),
        ["many anchors in a flow"] = () => "[" + Numbered("&a{0} x,") + "]",
        ["many merge keys"] = () => "a: &a {b: 1}\nc: {" + Repeat("<<: *a,", 20_000) + "}",
        ["one long plain word"] = () => "a: " + new string('x', Limit - 10),
        ["one long key"] = () => new string('x', Limit - 10) + ": 1",
        ["one long JSON string"] = () => "{\"" + new string('x', Limit - 10) + "\":1}",
        ["one long number"] = () => "{\"apiVersion\":" + new string('1', Limit - 100) + "}",
        ["a long quantity"] = () => Head + "spec: {containers: [{name: a, image: b, resources: {limits: {cpu: " + new string('1', Limit - 200) + "}}}]}",
        ["a long base name"] = () => Head.Replace("x\n", new string('.', Limit - 200) + "\n", StringComparison.Ordinal),
        ["dashes"] = () => new string('-', Limit),
        ["spaces"] = () => new string(' ', Limit),
        ["tabs and colons"] = () => Repeat(":\t", Limit),
        ["question marks"] = () => Repeat("? ", Limit),
        ["question mark lines"] = () => Repeat("?\n", Limit),
        ["comments"] = () => Repeat("#\n", Limit),
        ["exclamation marks"] = () => "a: " + new string('!', Limit - 10),
        ["percent lines"] = () => Repeat("%A\n", Limit),
        ["quotes"] = () => Repeat("\"\"\n", Limit),
        ["carriage returns"] = () => new string('\r', Limit),
        ["flow commas"] = () => "[" + new string(',', Limit - 10),
        ["flow pairs"] = () => "[" + Repeat("a: b,", Limit - 10),
        ["folded lines"] = () => "a: >\n" + Repeat("  x\n\n", Limit - 10),
        ["long quoted lines"] = () => "a: \"" + Repeat("\n x", Limit - 10) + "\"",
    };

    [Theory, MemberData(nameof(Worst))]
    public void The_worst_input_is_answered_soon(string name)
    {
        var text = Utf8.UTF8.GetBytes(WorstInputs[name]());
        Assert.InRange(text.Length, 1, Limit);
        var watch = Stopwatch.StartNew();
        var result = Manifests.Read(text, "worst");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Soon);
        Assert.InRange(result.Errors.Count, 0, 501);
        Assert.InRange(result.Errors.Sum(error => error.ToString().Length), 0, 200_000);
    }

    [Fact]
    public void A_manifest_beyond_3_MiB_is_one_error()
    {
        var text = Utf8.UTF8.GetBytes(Repeat("kind: [\n", 10 * 1024 * 1024));
        Assert.Equal("big.yaml: the manifest has 10485760 bytes, at most 3145728 (3 MiB) are read; split it", Manifests.Read(text, "big.yaml").Errors.Single().ToString());
    }

    private static string Repeat(string part, int length) => new StringBuilder(length).Insert(0, part, length / part.Length).ToString();

    private static string Numbered(string format)
    {
        var text = new StringBuilder();
        for (var index = 0; text.Length < Limit - 200; index++) text.AppendFormat(null, format, index);
        return text.ToString();
    }
}

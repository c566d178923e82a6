using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Contracts.Tests.Encoding;

/// <summary>What each kind of value may be written as, and what is said of anything else.</summary>
public sealed class ReadingTests
{
    private const string Pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers: [{name: c, image: i}]\n  ";

    [Theory]
    [InlineData("hostname: 5", "m:6:13: spec.hostname: expected a string, found the number 5; write it in quotes: \"5\"")]
    [InlineData("hostname: true", "m:6:13: spec.hostname: expected a string, found the boolean true; write it in quotes: \"true\"")]
    [InlineData("hostname: [a]", "m:6:13: spec.hostname: expected a string, found a list")]
    [InlineData("hostNetwork: yes", "m:6:16: spec.hostNetwork: expected true or false, found the string \"yes\"")]
    [InlineData("priority: \"5\"", "m:6:13: spec.priority: expected a number, found the string \"5\"; write it without quotes")]
    [InlineData("priority: high", "m:6:13: spec.priority: expected a number, found the string \"high\"")]
    [InlineData("priority: 1.5", "m:6:13: spec.priority: expected a whole number of 32 bits, found the number 1.5")]
    [InlineData("priority: 3000000000", "m:6:13: spec.priority: expected a whole number of 32 bits, found the number 3000000000")]
    [InlineData("priority: .inf", "m:6:13: spec.priority: expected a whole number of 32 bits, found the number .inf")]
    [InlineData("priority: 1e99", "m:6:13: spec.priority: expected a whole number of 32 bits, found the number 1e99")]
    [InlineData("priority: 0689", "m:6:13: spec.priority: expected a whole number of 32 bits, found the number 0689, which begins as an octal number and is none; write 689")]
    [InlineData("nodeSelector: [a]", "m:6:17: spec.nodeSelector: expected an object, found a list")]
    [InlineData("nodeSelector: {a: 1}", "m:6:21: spec.nodeSelector[a]: expected a string, found the number 1; write it in quotes: \"1\"")]
    [InlineData("nodeSelector: {a: b, a: c}", "m:6:24: spec.nodeSelector[a]: the key is given more than once")]
    [InlineData("tolerations: {key: a}", "m:6:16: spec.tolerations: expected a list, found an object")]
    [InlineData("tolerations: [null]", "m:6:17: spec.tolerations[0]: expected an object, found nothing (null)")]
    [InlineData("restartPolicy: always", "m:6:18: spec.restartPolicy: Unsupported value \"always\": must be one of \"Always\", \"OnFailure\", \"Never\"; did you mean \"Always\"?")]
    [InlineData("hostname: a\n  hostname: b", "m:7:3: spec.hostname: the field 'hostname' is given more than once")]
    [InlineData("Hostname: a", "m:6:3: spec.Hostname: unknown field 'Hostname'; did you mean 'hostname'?")]
    [InlineData("terminationGracePeriodSeconds: -1", "m:6:34: spec.terminationGracePeriodSeconds: Invalid value -1: must be 0 or more")]
    [InlineData("hostname: \"a\\e[31m\"", "m:6:13: spec.hostname: Invalid value \"a\\u001b[31m\": must be a lower-case DNS label ([a-z0-9]([-a-z0-9]*[a-z0-9])?), at most 63 characters")]
    [InlineData("hostname: !secret x", "m:6:13: the tag !secret is not supported here")]
    [InlineData("hostname: *x", "m:6:13: the alias *x names no anchor that is complete before it")]
    [InlineData("nodeSelector: {[a]: b}", "m:6:18: a key must be a string")]
    [InlineData("hostname: [", "m:7:1: is not valid YAML: While parsing a node, did not find expected node content.")]
    public void A_wrong_value_is_explained(string line, string error) => Assert.Equal([error], Errors(Pod + line));

    [Theory]
    [InlineData("priority: 1e3", 1000)]
    [InlineData("priority: 2.0", 2)]
    [InlineData("priority: 0o17", 15)]
    [InlineData("priority: 0644", 420)]
    [InlineData("priority: 0x1F", 31)]
    [InlineData("priority: -0", 0)]
    [InlineData("priority: !!int 7", 7)]
    public void Whole_numbers_may_be_written_in_any_way(string line, int number) => Assert.Equal(number, One<Pod>(Pod + line).Spec.Priority);

    [Theory]
    [InlineData("hostname: null")]
    [InlineData("hostname: ~")]
    [InlineData("hostname:")]
    [InlineData("hostname: \"\"")]
    [InlineData("tolerations: []")]
    [InlineData("nodeSelector: null")]
    [InlineData("priority: null")]
    public void Null_and_empty_are_absence(string line) => Assert.Equal(One<Pod>(Pod), One<Pod>(Pod + line));

    [Fact]
    public void Quantities_may_be_bare_numbers()
    {
        var type = One<MachineType>("""
            {"apiVersion": "virt.orchestrator.dev/v1", "kind": "MachineType", "metadata": {"name": "small"}, "spec": {"cpus": 2, "memory": 134217728}}
            """);
        Assert.Equal("134217728", type.Spec.Memory);
        Assert.Equal(["m:1:115: spec.cpus: expected a number, found the boolean true", "m:1:131: spec.memory: Invalid value \"12x\": must be a quantity, such as 500m, 1.5, 128Mi or 2e3, of at most 2^63-1"], Errors("""
            {"apiVersion": "virt.orchestrator.dev/v1", "kind": "MachineType", "metadata": {"name": "small"}, "spec": {"cpus": true, "memory": "12x"}}
            """));
    }

    [Fact]
    public void Anchors_aliases_and_merge_keys_work()
    {
        var pod = One<Pod>("""
            apiVersion: v1
            kind: Pod
            metadata: {name: x, labels: &labels {app: web}}
            spec:
              nodeSelector: *labels
              containers:
              - &first {name: a, image: i, env: [{name: A, value: "1"}]}
              - {<<: *first, name: b}
              - name: c
                <<: [{image: j}, *first]
            """);
        Assert.Equal("web", pod.Spec.NodeSelector["app"]);
        Assert.Equal(["a i A", "b i A", "c j A"], pod.Spec.Containers.Select(container => $"{container.Name} {container.Image} {container.Env[0].Name}"));
    }

    [Fact]
    public void Aliases_that_grow_without_end_are_refused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 40).Select(level => $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 9))}]\n"));
        Assert.Equal(["m:5:10: the aliases repeat more than 10000 values"], Errors(bomb));
        Assert.Equal(["m:1:8: the alias *a names no anchor that is complete before it"], Errors("a: &a [*a]"));
    }

    [Fact]
    public void A_list_gives_its_items()
    {
        var result = Read("""
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: Namespace
              metadata: {name: a}
            - apiVersion: v1
              kind: NamespaceList
              items:
              - metadata: {name: b}
              - metadata: {name: C}
            """);
        Assert.Equal(["a", "b", "C"], result.Objects.Select(obj => ((Namespace)obj.Message).Metadata.Name));
        Assert.Equal([4, 10, 11], result.Objects.Select(obj => obj.Line));
        Assert.Equal("items[1].items[1].metadata.name", Assert.Single(result.Errors).Path);
    }

    [Theory]
    [InlineData("kind: Pod", "m:1:1: apiVersion: Required value: names what this object is, such as v1")]
    [InlineData("apiVersion: v1", "m:1:1: kind: Required value: names what this object is, such as Pod")]
    [InlineData("apiVersion: v1\nkind: Podd", "m:2:7: kind: no kind 'Podd' in v1; did you mean 'Pod'?")]
    [InlineData("apiVersion: v1\nkind: VirtualMachin", "m:2:7: kind: no kind 'VirtualMachin' in v1; did you mean 'VirtualMachine' of virt.orchestrator.dev/v1?")]
    [InlineData("apiVersion: v2\nkind: Pod", "m:1:13: apiVersion: no kind 'Pod' in v2; Pod is in v1")]
    [InlineData("apiVersion: v\nkind: Depoyment", "m:1:13: apiVersion: unknown apiVersion 'v'; known are v1, apiextensions.k8s.io/v1, apps/v1, autoscaling/v2, batch/v1, coordination.k8s.io/v1, discovery.k8s.io/v1, node.k8s.io/v1, policy/v1, rbac.authorization.k8s.io/v1, scheduling.k8s.io/v1, scheduling.x-k8s.io/v1alpha1, storage.k8s.io/v1, virt.orchestrator.dev/v1")]
    [InlineData("apiVersion: 1\nkind: Pod", "m:1:13: apiVersion: expected a string, found the number 1")]
    [InlineData("kind: Pod\nkind: Node\napiVersion: v1", "m:2:1: kind: the field 'kind' is given more than once")]
    [InlineData("- a", "m:1:1: expected an object with apiVersion, kind and metadata, found a list")]
    [InlineData("{\"kind\": \"Pod\",\n \"apiVersion\": \"v1\", !}", "m:2:22: is not valid JSON: '!' is an invalid start of a property name. Expected a '\"'.")]
    [InlineData("{\"kind\": \"\\ud800\"}", "m:1:10: the string holds an incomplete \\u escape (half a surrogate pair)")]
    [InlineData("kind: \"\\ud800\"", "m:1:7: is not valid YAML: While scanning a quoted scalar, found invalid Unicode surrogates.")]
    public void A_document_that_is_no_object_is_explained(string text, string error) => Assert.Equal([error], Errors(text));

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n---\n# here\n---\n")]
    [InlineData("null")]
    public void Nothing_is_no_error(string text)
    {
        var result = Read(text);
        Assert.Empty(result.Objects);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Line_ends_byte_order_marks_directives_and_flow_style_are_taken()
    {
        Assert.Equal(One<Pod>(Pod), One<Pod>("\uFEFF" + Pod.Replace("\n", "\r\n", StringComparison.Ordinal)));
        Assert.Equal(One<Pod>(Pod), One<Pod>("# c\n%YAML 1.2\n---\n" + Pod + "\n...\n"));
        Assert.Equal(One<Pod>(Pod), One<Pod>("{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {containers: [{name: c, image: i}]}}"));
        Assert.Equal(2, Read("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}").Objects.Count);
        Assert.Equal(2, Read("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\"}}").Objects.Count);
        Assert.Equal("the manifest is not UTF-8 text", Manifests.Read(new byte[] { 0xFF, 0xFE }, "m").Errors.Single().Message);
    }

    [Fact]
    public void A_stored_object_is_read_as_it_is()
    {
        var (obj, errors) = ObjectJson.Decode("{\"metadata\":{\"name\":\"A B\"}}"u8, KindCatalog.Of<Pod>(), "log");
        Assert.Empty(errors);
        Assert.Equal(new Pod { Metadata = new() { Name = "A B" } }, obj);
        Assert.Equal("log:1:9: kind: expected v1 Pod, found v1 Node", ObjectJson.Decode("{\"kind\":\"Node\",\"apiVersion\":\"v1\"}"u8, KindCatalog.Of<Pod>(), "log").Errors.Single().ToString());
        Assert.Equal("log: expected one object, found 0", ObjectJson.Decode(""u8, null, "log").Errors.Single().ToString());
        Assert.Equal("log: expected one object, found 2", ObjectJson.Decode("{}{}"u8, KindCatalog.Of<Pod>(), "log").Errors.Single().ToString());
    }

    private static DecodeResult Read(string text) => Manifests.Read(System.Text.Encoding.UTF8.GetBytes(text), "m");

    private static IEnumerable<string> Errors(string text) => Read(text).Errors.Select(error => error.ToString());

    private static T One<T>(string text) where T : IMessage<T>
    {
        var result = Read(text);
        Assert.Empty(result.Errors);
        return Assert.IsType<T>(Assert.Single(result.Objects).Message);
    }
}

using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Arguments;

public sealed class ResourceSelectionTests
{
    private static readonly KindIndex Kinds = new([FakeObjects.Pod, FakeObjects.Machine, FakeObjects.Node]);

    [Theory]
    [InlineData("pods")]
    [InlineData("pod")]
    [InlineData("po")]
    [InlineData("Pod")]
    [InlineData("PODS")]
    [InlineData("pods.v1")]
    public void A_type_has_many_names(string type) => Assert.Equal("Pod", Kinds.Resolve(type).Kind);

    [Theory]
    [InlineData("virtualmachines.virt.orchestrator.dev")]
    [InlineData("virtualmachine.v1.virt.orchestrator.dev")]
    [InlineData("vm")]
    public void A_group_may_be_named(string type) => Assert.Equal("VirtualMachine", Kinds.Resolve(type).Kind);

    [Theory]
    [InlineData("pods|web", "Pod/web")]
    [InlineData("pods|a|b", "Pod/a Pod/b")]
    [InlineData("po,vm", "Pod/ VirtualMachine/")]
    [InlineData("po,pods", "Pod/")]
    [InlineData("all", "Pod/ VirtualMachine/")]
    [InlineData("pod/a|vm/b", "Pod/a VirtualMachine/b")]
    [InlineData("po,vm|x", "Pod/x VirtualMachine/x")]
    public void Types_and_names_are_combined(string arguments, string expected)
    {
        var selection = ResourceSelection.Parse(arguments.Split('|'), Kinds);
        Assert.Equal(expected, string.Join(' ', selection.Targets.Select(target => $"{target.Kind.Kind}/{target.Name}")));
    }

    [Theory]
    [InlineData("foo", "the server doesn't have a resource type \"foo\"")]
    [InlineData("pods|pod/a", "there is no need to specify a resource type as a separate argument")]
    [InlineData("pod/a/b", "more than one slash")]
    [InlineData("pod/", "empty part")]
    [InlineData("/a", "empty part")]
    [InlineData("pods|", "may not be empty")]
    public void Malformed_arguments_say_what_is_wrong(string arguments, string message)
    {
        var error = Assert.Throws<CommandException>(() => ResourceSelection.Parse(arguments.Split('|'), Kinds));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}

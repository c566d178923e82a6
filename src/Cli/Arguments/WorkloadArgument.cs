using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Arguments;

/// <summary>The one workload of logs, exec and console: <c>NAME</c>, or <c>TYPE/NAME</c> of the type that the command is for.</summary>
internal static class WorkloadArgument
{
    /// <returns>The name.</returns>
    /// <exception cref="CommandException">Another type, or malformed; <paramref name="otherwise"/> tells what to use instead.</exception>
    public static async Task<string> NameAsync(Invocation invocation, string argument, string resource, string otherwise)
    {
        var (type, name) = ResourceSelection.SplitWorkload(argument);
        if (type is null || type == resource) return name;
        var kind = (await invocation.KindsAsync()).Resolve(type);
        return kind.Resource.Resource == resource ? name : throw new CommandException($"{kind.Singular}/{name}: {otherwise}");
    }
}

using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Arguments;

/// <summary>What a command that takes <c>TYPE NAME</c> or <c>-f</c> is about.</summary>
internal static class TargetArguments
{
    /// <exception cref="CommandException">Neither or both are given, or one of them is malformed.</exception>
    public static async Task<ResourceSelection> ReadAsync(
        Invocation invocation, IReadOnlyList<string> resources, IReadOnlyList<string> files, bool recursive)
    {
        if (files.Count == 0)
        {
            if (resources.Count > 0) return ResourceSelection.Parse(resources, await invocation.KindsAsync());
            var verb = invocation.Parsed.CommandResult.Command.Name;
            throw new CommandException("Required resource not specified.")
            {
                Preamble = $"You must specify the type of resource to {verb}. Use \"orc api-resources\" for a complete list of supported resources.\n",
            };
        }
        if (resources.Count > 0) throw new CommandException("when paths are provided as input, you may not specify resource arguments as well");
        var manifests = await ManifestFiles.ReadAsync(files, recursive, invocation.Environment.Input, invocation.Cancellation);
        var identities = manifests.SelectMany(ManifestDocuments.Identify).ToList();
        if (identities.Count == 0) throw new CommandException("no objects passed to " + invocation.Parsed.CommandResult.Command.Name);
        var kinds = await invocation.KindsAsync();
        return new ResourceSelection(identities.Select(identity => new ResourceTarget(kinds.Find(identity.ApiVersion, identity.Kind), identity.Name)
        {
            Namespace = NamespaceOf(invocation, identity),
        }).ToList());
    }

    private static string NamespaceOf(Invocation invocation, ManifestIdentity identity)
    {
        if (identity.Namespace.Length == 0) return invocation.Namespace;
        if (invocation.NamespaceGiven && invocation.Namespace != identity.Namespace)
            throw new CommandException(
                $"the namespace from the provided object \"{identity.Namespace}\" does not match the namespace \"{invocation.Namespace}\". "
                + $"You must pass '--namespace={identity.Namespace}' to perform this operation.");
        return identity.Namespace;
    }
}

using Orchestrator.Api.V1;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Arguments;

/// <summary>One kind, and a name in it or null for all.</summary>
internal readonly record struct ResourceTarget(KindInfo Kind, string? Name)
{
    /// <summary>Where a manifest places it; empty: where the command does.</summary>
    public string Namespace { get; init; } = "";
}

/// <summary>
/// What the arguments <c>TYPE[,TYPE…] [NAME…]</c> or <c>TYPE/NAME…</c> stand for, with kubectl's rules.
/// </summary>
internal sealed record ResourceSelection(IReadOnlyList<ResourceTarget> Targets)
{
    public bool Named => Targets.Any(target => target.Name is not null);

    /// <summary>True where kubectl tells kinds apart in its output: several types, or a category.</summary>
    public bool SeveralKinds => Targets.Select(target => target.Kind).Distinct().Skip(1).Any();

    /// <exception cref="CommandException">The arguments are malformed or name an unknown type.</exception>
    public static ResourceSelection Parse(IReadOnlyList<string> arguments, KindIndex kinds)
    {
        if (arguments.Any(argument => argument.Length == 0)) throw new CommandException("arguments may not be empty");
        if (!arguments.Any(argument => argument.Contains('/'))) return ParseTypeThenNames(arguments, kinds);
        var targets = new List<ResourceTarget>();
        foreach (var argument in arguments)
        {
            var parts = argument.Split('/');
            if (parts.Length == 1)
                throw new CommandException(
                    "there is no need to specify a resource type as a separate argument when passing arguments in "
                    + "resource/name form (e.g. 'orc get resource/<resource_name>' instead of 'orc get resource resource/<resource_name>')");
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                throw new CommandException($"arguments in resource/name form may not have more than one slash or an empty part: \"{argument}\"");
            targets.Add(new ResourceTarget(kinds.Resolve(parts[0]), parts[1]));
        }
        return new ResourceSelection(targets);
    }

    private static ResourceSelection ParseTypeThenNames(IReadOnlyList<string> arguments, KindIndex kinds)
    {
        var types = arguments[0].Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(kinds.ResolveAll).Distinct().ToList();
        if (types.Count == 0) throw new CommandException("a resource type is needed");
        var targets = arguments.Count == 1
            ? types.Select(kind => new ResourceTarget(kind, null))
            : types.SelectMany(kind => arguments.Skip(1).Select(name => new ResourceTarget(kind, name)));
        return new ResourceSelection(targets.ToList());
    }

    /// <summary><c>NAME</c> of a default type, or <c>TYPE/NAME</c>: how logs, exec and console name their workload.</summary>
    public static (string? Type, string Name) SplitWorkload(string argument)
    {
        var slash = argument.IndexOf('/');
        if (slash < 0) return (null, argument);
        var name = argument[(slash + 1)..];
        if (slash == 0 || name.Length == 0 || name.Contains('/'))
            throw new CommandException($"\"{argument}\" is neither NAME nor TYPE/NAME");
        return (argument[..slash], name);
    }
}

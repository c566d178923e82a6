namespace Orchestrator.Silo.Objects.Access;

/// <summary>Who asks.</summary>
internal sealed record Caller(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>The group that may do everything, as in Kubernetes.</summary>
    public const string Masters = "system:masters";

    /// <summary>Whoever reaches a door of this host: its own administrator, since doors open on loopback only.</summary>
    public static readonly Caller Local = new("orchestrator:local", [Masters, "system:authenticated"]);
}

/// <summary>What a caller is about to do: a verb of Kubernetes on a resource or on one object of it.</summary>
internal readonly record struct Attempt(string Verb, string Group, string Resource, string Subresource = "", string Namespace = "", string Name = "");

using System.Diagnostics;

namespace Orchestrator.Silo.Observability;

/// <summary>Where the silo's own spans come from.</summary>
internal static class Traces
{
    public const string SourceName = "Orchestrator.Silo";

    public static readonly ActivitySource Source = new(SourceName);
}

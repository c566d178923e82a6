using Orchestrator.Agents.V1;

namespace Orchestrator.Silo.Hosts;

/// <summary>Cuts a desired state into messages that an agent takes: each holds at least one assignment and, if it can, no more than the limit.</summary>
internal static class DesiredParts
{
    /// <summary>An object has at most 3 MiB; with this much before it a message stays far below the 16 MiB that an agent takes.</summary>
    public const int PartBytes = 1 << 20;

    public static IEnumerable<DesiredState> Of(IEnumerable<Assignment> assignments, int partBytes = PartBytes)
    {
        var part = new DesiredState();
        var bytes = 0;
        foreach (var assignment in assignments)
        {
            var size = assignment.CalculateSize();
            if (part.Assignments.Count > 0 && bytes + size > partBytes)
            {
                part.More = true;
                yield return part;
                (part, bytes) = (new DesiredState(), 0);
            }

            part.Assignments.Add(assignment);
            bytes += size;
        }

        yield return part;
    }
}

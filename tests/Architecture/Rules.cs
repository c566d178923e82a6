namespace Orchestrator.Architecture;

/// <summary>Fails with all violations at once, one a line.</summary>
internal static class Rules
{
    public static void Hold(IEnumerable<string> violations)
    {
        var found = violations.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}

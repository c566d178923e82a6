namespace Orchestrator.NodeAgent.Tests.Real;

/// <summary>Programs that are built with these tests, in outputs of their own: src/PROJECT/bin/CONFIGURATION/FRAMEWORK.</summary>
internal static class SiblingProgram
{
    public static string Path(string project, string program)
    {
        var output = AppContext.BaseDirectory.TrimEnd('/').Split('/');
        return System.IO.Path.GetFullPath(System.IO.Path.Join(AppContext.BaseDirectory, "../../../../../src", project, "bin", output[^2], output[^1], program));
    }
}

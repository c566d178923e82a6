namespace Orchestrator.Silo.Tests.Rest;

/// <summary>Files of the repository that tests use, those among them that ./dev test unpacks.</summary>
internal static class Tools
{
    public static string InRepository(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln"))) continue;
            var found = Path.Combine(folder.FullName, path);
            Assert.True(Path.Exists(found), $"there is no {found}: ./dev test unpacks what is not part of the repository");
            return found;
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}

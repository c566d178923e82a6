using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Functional.Running;

/// <summary>The work tree that this test was built in.</summary>
internal static class Repository
{
    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>Names the work tree: the first six hexadecimal digits of its path's SHA-256, as in eng/dev/settings.sh.</summary>
    public static string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..6];

    public static string File(string path) => Path.Combine(Root, path);

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository"),
        _ when System.IO.File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")) => folder.FullName,
        _ => Find(folder.Parent),
    };
}

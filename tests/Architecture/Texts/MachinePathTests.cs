namespace Orchestrator.Architecture.Texts;

/// <summary>Nothing in the tree says where on whose machine it was written: such a path works nowhere else.</summary>
public sealed class MachinePathTests
{
    /// <summary>Folders that every Linux system has: a checkout right below one of them makes no secret of it.</summary>
    private static readonly string[] Everywhere = ["/", "/root", "/home", "/tmp", "/var/tmp", "/opt", "/srv", "/usr/src", "/mnt", "/media"];

    [Fact]
    public void No_tracked_file_names_the_place_of_this_checkout()
    {
        Assert.Contains("Orchestrator.sln", Repository.Tracked);
        Rules.Hold(Repository.Tracked.SelectMany(path => Mentions(path, File.ReadAllText(Repository.Full(path)), Repository.Root)));
    }

    [Theory]
    [InlineData("/home/ann/dev/orchestrator", "see /home/ann/dev/orchestrator/src", 1)]
    [InlineData("/home/ann/dev/orchestrator", "see /home/ann/dev/other", 1)]
    [InlineData("/home/ann/dev/orchestrator", "see /home/ann/devices and /home/bob", 0)]
    [InlineData("/root/orchestrator", "the home of root is /root/.config", 0)]
    [InlineData("/root/orchestrator", "cd /root/orchestrator", 1)]
    [InlineData("/home/ann/dev/orchestrator", "relative: host/home/ann/dev/x", 0)]
    public void A_path_of_the_machine_is_found(string root, string text, int mentions) => Assert.Equal(mentions, Mentions("a.md", text, root).Count());

    private static IEnumerable<string> Mentions(string path, string text, string root)
    {
        var parent = Path.GetDirectoryName(root)!;
        var needle = Everywhere.Contains(parent) ? root : parent;
        for (var at = text.IndexOf(needle, StringComparison.Ordinal); at >= 0; at = text.IndexOf(needle, at + 1, StringComparison.Ordinal))
        {
            var before = at == 0 ? ' ' : text[at - 1];
            var after = at + needle.Length == text.Length ? ' ' : text[at + needle.Length];
            if (IsPartOfName(before) || IsPartOfName(after)) continue;
            yield return $"{path}:{CSharpText.LineOf(text, at)} names a path of this machine.";
        }
    }

    private static bool IsPartOfName(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.' or '}';
}

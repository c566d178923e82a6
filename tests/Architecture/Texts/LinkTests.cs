using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Texts;

/// <summary>What README and docs point at is there.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_in_the_documents_resolve()
    {
        var pages = Repository.Files("docs", ".md").Append("README.md").ToList();
        Rules.Hold(pages.SelectMany(page => Broken(page, Repository.Read(page), Repository.Full(""))));
    }

    [Fact]
    public void A_broken_link_is_found_and_a_good_one_is_not()
    {
        const string Page = """
            # The map of things
            [good](docs/map.md) [anchor](docs/map.md#the-map-of-things) [own](#the-map-of-things) [web](https://example.com/x) [folder](docs)
            [gone](docs/gone.md), [wrong anchor](docs/map.md#no-such-heading), ![picture](docs/none.png), [own](#nowhere)
            ```sh
            [not a link](nowhere.md)
            ```
            Neither is `[this](nowhere.md)`. [reference][r]

            [r]: docs/gone-too.md
            """;
        var root = Directory.CreateTempSubdirectory("links-");
        try
        {
            Directory.CreateDirectory(Path.Combine(root.FullName, "docs"));
            File.WriteAllText(Path.Combine(root.FullName, "docs/map.md"), Page);
            var broken = Broken("README.md", Page, root.FullName).Select(violation => violation.Split(' ')[^1]);
            Assert.Equal(["docs/gone.md", "docs/map.md#no-such-heading", "docs/none.png", "#nowhere", "docs/gone-too.md"], broken);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Broken(string page, string text, string root)
    {
        var prose = CodePattern().Replace(text, "");
        return LinkPattern().Matches(prose).Select(match => match.Groups["target"].Value)
            .Where(target => !AbsolutePattern().IsMatch(target) && !Resolves(page, prose, target, root))
            .Select(target => $"{page} points to {target}");
    }

    private static bool Resolves(string page, string prose, string target, string root)
    {
        var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, "");
        var file = Path.Combine(root, Path.GetDirectoryName(page)!, Uri.UnescapeDataString(path));
        if (path.Length > 0 && !File.Exists(file)) return anchor.Length == 0 && Directory.Exists(file);
        if (anchor.Length == 0) return true;
        if (path.Length > 0 && !path.EndsWith(".md", StringComparison.Ordinal)) return true;
        var headings = path.Length == 0 ? prose : CodePattern().Replace(File.ReadAllText(file), "");
        return HeadingPattern().Matches(headings).Any(heading => Slug(heading.Groups[1].Value) == anchor);
    }

    /// <summary>The anchor that a heading gets where Markdown is rendered: lower case, no punctuation, hyphens for spaces.</summary>
    private static string Slug(string heading) =>
        string
        .Concat(heading.Trim().ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_'))
        .Replace(' ', '-');

    [GeneratedRegex(@"^ {0,3}(```|~~~).*?^ {0,3}\1|`[^`\n]*`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)|^ {0,3}\[[^\]^]+\]:\s*(?<target>\S+)", RegexOptions.Multiline)]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"^(?:[a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex AbsolutePattern();

    [GeneratedRegex(@"^#{1,6}\s+(.+?)\s*#*\s*$", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern();
}

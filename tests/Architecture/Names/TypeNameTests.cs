using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Names;

/// <summary>A name says what a thing is. These endings say that nobody knew.</summary>
public sealed partial class TypeNameTests
{
    [Fact]
    public void No_type_is_named_after_nothing() => Rules.Hold(
        from path in Repository.Sources().Concat(Repository.Files("tests", ".cs"))
        from name in Banned(Repository.Read(path))
        select $"{path} declares {name}: name what it is or does.");

    [Fact]
    public void No_folder_is_a_drawer() => Rules.Hold(
        from folder in Repository.Sources().Select(path => Path.GetDirectoryName(path)!).Distinct()
        where DrawerPattern().IsMatch(folder)
        select $"{folder}: a folder is a feature.");

    [Theory]
    [InlineData("internal sealed class HostManager", "HostManager")]
    [InlineData("static class StringHelper { }", "StringHelper")]
    [InlineData("public static class StringHelpers", "StringHelpers")]
    [InlineData("record PodUtils(int A);", "PodUtils")]
    [InlineData("readonly record struct PodUtil(int A);", "PodUtil")]
    [InlineData("interface IEventProcessor<T>", "IEventProcessor")]
    [InlineData("abstract class GrainBase : Grain", "GrainBase")]
    public void A_banned_name_is_found(string source, string name) => Assert.Equal(name, Assert.Single(Banned(source)));

    [Theory]
    [InlineData("class Base64Text;")]
    [InlineData("class Manages; class Processors1;")]
    [InlineData("// class HostManager")]
    [InlineData("var text = \"class HostManager\";")]
    public void A_good_name_is_not(string source) => Assert.Empty(Banned(source));

    private static IEnumerable<string> Banned(string source) =>
        DeclarationPattern().Matches(CSharpText.WithoutCommentsAndLiterals(source)).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"\b(?:class|interface|enum|struct|record)\s+(?<name>\w*(?:Manager|Helpers?|Util|Utils|Utilities|Utility|Processor|Base))\b")]
    private static partial Regex DeclarationPattern();

    [GeneratedRegex(@"(^|[/\\])(Helpers?|Utils?|Utilities|Common|Misc|Managers?)($|[/\\])", RegexOptions.IgnoreCase)]
    private static partial Regex DrawerPattern();
}

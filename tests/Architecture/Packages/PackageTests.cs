using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Orchestrator.Architecture.Packages;

public sealed class PackageTests
{
    private const string Central = "Directory.Packages.props";

    [Fact]
    public void Versions_are_central()
    {
        Assert.Contains(XDocument.Parse(Repository.Read(Central)).Descendants("ManagePackageVersionsCentrally"), one => one.Value == "true");
        Rules.Hold(
            from path in Repository.Files("", ".csproj").Concat(Repository.Files("", ".props")).Concat(Repository.Files("", ".targets"))
            where path != Central
            from violation in OwnVersions(XDocument.Parse(Repository.Read(path)))
            select $"{path}: {violation}");
    }

    [Fact]
    public void A_preview_package_has_a_decision_that_names_it() => Rules.Hold(Undecided(
        XDocument.Parse(Repository.Read(Central)), Repository.Files("docs/adr", ".md").Select(Repository.Read).ToList()));

    [Theory]
    [InlineData("""<PackageReference Include="Dapper" Version="2.1.66" />""", 1)]
    [InlineData("""<PackageReference Include="Dapper"><Version>2.1.66</Version></PackageReference>""", 1)]
    [InlineData("""<PackageReference Include="Dapper" VersionOverride="2.1.66" />""", 1)]
    [InlineData("""<PackageVersion Include="Dapper" Version="2.1.66" />""", 1)]
    [InlineData("""<PackageReference Include="Dapper" PrivateAssets="all" />""", 0)]
    public void A_version_outside_the_central_file_is_found(string item, int violations) =>
        Assert.Equal(violations, OwnVersions(Project(item)).Count());

    [Theory]
    [InlineData("1.2.3", "", 0)]
    [InlineData("1.2.3-beta.1", "", 1)]
    [InlineData("1.2.3-beta.1", "We take Some.Exporter.Other.", 1)]
    [InlineData("1.2.3-beta.1", "We take `Some.Exporter` in a beta.", 0)]
    [InlineData("1.*", "", 1)]
    [InlineData("[1.0,2.0)", "", 1)]
    public void A_preview_without_a_decision_is_found(string version, string decision, int violations) =>
        Assert.Equal(violations, Undecided(Project($"""<PackageVersion Include="Some.Exporter" Version="{version}" />"""), [decision]).Count());

    private static IEnumerable<string> OwnVersions(XDocument project) =>
        from item in project.Descendants()
        where item.Name.LocalName is "PackageReference" or "PackageVersion" or "GlobalPackageReference"
        where item.Name.LocalName == "PackageVersion" || Has(item, "Version") || Has(item, "VersionOverride")
        select $"the version of {item.Attribute("Include")?.Value} belongs into {Central}.";

    private static IEnumerable<string> Undecided(XDocument central, IReadOnlyList<string> decisions)
    {
        foreach (var package in central.Descendants("PackageVersion"))
        {
            var (name, version) = (package.Attribute("Include")!.Value, package.Attribute("Version")!.Value);
            if (version.IndexOfAny(['*', '[', '(', ',']) >= 0) yield return $"{name} {version}: a version is one version.";
            else if (version.Contains('-') && !decisions.Any(text => Names(text, name)))
                yield return $"{name} {version} is a preview; write in docs/adr why it is taken, and name it.";
        }
    }

    private static bool Names(string text, string package) =>
        Regex.IsMatch(text, $@"(?<![\w.]){Regex.Escape(package)}(?!\.?\w)");

    private static bool Has(XElement item, string name) => item.Attribute(name) is not null || item.Element(name) is not null;

    private static XDocument Project(string item) => XDocument.Parse($"<Project><ItemGroup>{item}</ItemGroup></Project>");
}

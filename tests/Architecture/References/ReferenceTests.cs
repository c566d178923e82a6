using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Orchestrator.Architecture.References;

public sealed partial class ReferenceTests
{
    private static IEnumerable<(string Path, string Project)> Projects =>
        Repository.Files("src", ".csproj").Select(path => (path, Path.GetFileNameWithoutExtension(path)));

    [Fact]
    public void Projects_reference_only_what_the_design_allows()
    {
        Assert.Contains("Scheduler", Projects.Select(one => one.Project));
        Rules.Hold(Projects.SelectMany(one => ReferenceDirections.OfProject(one.Project, XDocument.Parse(Repository.Read(one.Path)))));
    }

    [Fact]
    public void Sources_know_only_the_namespaces_that_the_design_allows() => Rules.Hold(Projects.SelectMany(one =>
        Repository.Sources(one.Project).SelectMany(path => ReferenceDirections.OfSource(one.Project, path, Repository.Read(path)))));

    [Fact]
    public void Dom0s_contract_stands_alone() =>
        Rules.Hold(ImportPattern().Matches(Repository.Read("src/Contracts/Protos/dom0/v1/dom0.proto"))
            .Select(import => import.Groups[1].Value)
            .Where(import => !import.StartsWith("google/protobuf/", StringComparison.Ordinal))
            .Select(import => $"dom0.proto imports {import}: dom0 knows nothing else of the product."));

    /// <summary>An immutable snapshot in, a plan out: no clock, no logging, no concurrency, no chance, no world outside.</summary>
    [Fact]
    public void The_scheduler_is_pure() => Rules.Hold(
        from path in Repository.Sources("Scheduler")
        let text = CSharpText.WithoutCommentsAndLiterals(Repository.Read(path))
        from Match match in ImpurePattern().Matches(text)
        select $"{path}:{CSharpText.LineOf(text, match.Index)} uses {match.Value}: the scheduler is a pure function.");

    [Theory]
    [InlineData("Scheduler", "using Orchestrator.Api.V1;")]
    [InlineData("Scheduler", "using Orchestrator.Contracts.Encoding;")]
    [InlineData("Scheduler", "class A { Orchestrator.Agents.V1.Hello hello; }")]
    [InlineData("Scheduler", "class A { Agents.V1.Hello hello; }")]
    [InlineData("Scheduler", "class A { global::Orchestrator.Silo.Hosts.HostGrain host; }")]
    [InlineData("Hypervisor", "using Orchestrator.Contracts.Ids;")]
    [InlineData("Hypervisor", "using static Orchestrator.Objects.CoreV1.Pod;")]
    [InlineData("Cli", "using Orchestrator.Dom0.V1;")]
    [InlineData("NodeAgent", "using Orchestrator.Scheduler;")]
    [InlineData("Contracts", "using Orchestrator.Silo;")]
    [InlineData("Silo", "using Orchestrator.Dom0.V1;")]
    public void A_wrong_namespace_is_found(string project, string source) =>
        Assert.Single(ReferenceDirections.OfSource(project, "A.cs", source));

    [Theory]
    [InlineData("Scheduler", "using Orchestrator.Contracts.Ids; // not Orchestrator.Silo")]
    [InlineData("Scheduler", "/// <summary>See Orchestrator.Api.V1.</summary>")]
    [InlineData("Hypervisor", "var name = \"Orchestrator.Silo\"; var other = @\"Orchestrator.Silo\"; var raw = \"\"\"Orchestrator.Silo\"\"\";")]
    [InlineData("Hypervisor", "using Orchestrator.Hypervisor.Api;")]
    public void A_right_namespace_a_comment_and_a_literal_are_not(string project, string source) =>
        Assert.Empty(ReferenceDirections.OfSource(project, "A.cs", source));

    [Theory]
    [InlineData("Scheduler", "<ProjectReference Include=\"../Silo/Silo.csproj\" />")]
    [InlineData("Hypervisor", "<ProjectReference Include=\"../Contracts/Contracts.csproj\" />")]
    [InlineData("Contracts", "<ProjectReference Include=\"../Scheduler/Scheduler.csproj\" />")]
    [InlineData("Silo", "<ProjectReference Include=\"..\\Hypervisor\\Hypervisor.csproj\" />")]
    [InlineData("Cli", "<Reference Include=\"Orchestrator.Silo\" />")]
    [InlineData("Hypervisor", "<Protobuf Include=\"../Contracts/Protos/agent/v1/session.proto\" />")]
    [InlineData("Unheard", "<PackageReference Include=\"Dapper\" />")]
    public void A_wrong_project_reference_is_found(string project, string item) =>
        Assert.Single(ReferenceDirections.OfProject(project, XDocument.Parse($"<Project><ItemGroup>{item}</ItemGroup></Project>")));

    [GeneratedRegex("""^\s*import\s+"([^"]+)"\s*;""", RegexOptions.Multiline)]
    private static partial Regex ImportPattern();

    [GeneratedRegex(@"\b(Task|ValueTask|async|await|TimeProvider|DateTime|DateTimeOffset|Stopwatch|Random|Guid|ILogger|Console|Environment|Thread|File|Directory|Process|HttpClient|Activity|Meter)\b(?=[\s.<(;])")]
    private static partial Regex ImpurePattern();
}

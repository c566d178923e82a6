namespace Orchestrator.Architecture.Grains;

public sealed class GrainAliasTests
{
    [Fact]
    public void Every_grain_interface_method_and_message_has_an_alias()
    {
        var sources = Repository.Sources("Silo").Select(path => (path, Repository.Read(path))).ToList();
        Assert.Contains("IPodGrain", GrainAliases.Interfaces(sources));
        Rules.Hold(GrainAliases.Violations(sources));
    }

    [Theory]
    [InlineData("""interface IA : IGrainWithStringKey { }""", "IA has no")]
    [InlineData("""[Alias("a")] interface IA : IGrainWithStringKey { Task Go(int a, string b); }""", "IA.Go has no")]
    [InlineData("""[Alias("a")] interface IA : IGrainWithStringKey { [Alias("Go")] Task Go(); [ReadOnly] Task<T> Come<T>(); }""", "IA.Come has no")]
    [InlineData("""[Alias("a")] interface IA : IGrainWithStringKey { [Alias("Go")] Task Go(); [Alias("Go")] Task Come(); }""", "repeats")]
    [InlineData("""[Alias("a")] interface IA : IGrainObserver; [Alias("a")] interface IB : IGrainObserver;""", "share")]
    [InlineData("""[Alias("b")] interface IB : IA { Task Go(); } [Alias("a")] interface IA : IDisposable, Orleans.IGrainWithGuidKey;""", "IB.Go has no")]
    [InlineData("""[GenerateSerializer, Immutable] internal sealed record Bind(int A);""", "Bind is serialised")]
    [InlineData("""[Immutable, GenerateSerializer] internal readonly record struct Bind(int A);""", "Bind is serialised")]
    [InlineData("""[GenerateSerializer] /* [Alias("Bind")] */ internal enum Bind { A }""", "Bind is serialised")]
    public void A_missing_or_repeated_alias_is_found(string source, string violation) =>
        Assert.Contains(violation, Assert.Single(GrainAliases.Violations([("A.cs", source)])), StringComparison.Ordinal);

    [Theory]
    [InlineData("""[Alias("a")] internal interface IA : IGrainWithStringKey { /* ; */ [Alias("Go")] Task Go(string[] a, CancellationToken b = default); }""")]
    [InlineData("""[Alias("a")] interface IA : IGrainWithStringKey; interface IPlain : IDisposable { void Go(); }""")]
    [InlineData("""[GenerateSerializer, Alias("Bind"), Immutable] sealed record Bind([property: Id(0)] int A);""")]
    [InlineData("""[GenerateSerializer] [Alias("Bind")] enum Bind { A }""")]
    public void A_complete_contract_is_not(string source) => Assert.Empty(GrainAliases.Violations([("A.cs", source)]));
}

using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Texts;

/// <summary>
/// The two rules of style that no compiler checks: only <c>dotnet format</c> with the whole solution loaded does, in minutes.
/// It repairs what is found here.
/// </summary>
public sealed partial class SourceStyleTests
{
    [Fact]
    public void Usings_are_sorted_and_fields_are_not_qualified() => Rules.Hold(
        from path in Repository.Sources().Concat(Repository.Files("tests", ".cs"))
        from violation in Violations(Repository.Read(path))
        select $"{path}{violation}");

    [Theory]
    [InlineData("using System;\nusing System.Text;\nusing Grpc.Core;\nusing grpc.Other;\nusing Orleans;\n\nnamespace A;")]
    [InlineData("using Zeta.Alpha;\nusing static System.Math;\nusing Alpha = Beta.Gamma;\n\nusing var file = Open();")]
    [InlineData("class A { void B() => this.Extended(); /* this._field */ string C = \"this._field\"; }")]
    public void Good_style_is_not_found(string source) => Assert.Empty(Violations(source));

    [Theory]
    [InlineData("using Grpc.Core;\nusing System.Text;\n")]
    [InlineData("using System.Text;\nusing System;\n")]
    [InlineData("using Orleans.Runtime;\nusing Orleans;\n")]
    [InlineData("using B;\nusing A;\nusing static System.Math;\n")]
    [InlineData("class A { int _b; int B() => this._b; }")]
    public void Bad_style_is(string source) => Assert.Single(Violations(source));

    private static IEnumerable<string> Violations(string source)
    {
        var text = CSharpText.WithoutCommentsAndLiterals(source);
        var names = UsingPattern().Matches(text).Select(match => match.Groups["name"].Value).ToArray();
        var sorted = names.OrderBy(name => name == "System" || name.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1).ThenBy(name => name, Segments.Instance);
        if (!names.SequenceEqual(sorted)) yield return ": the usings are not in order, System first.";
        foreach (Match match in QualifiedPattern().Matches(text)) yield return $":{CSharpText.LineOf(text, match.Index)} qualifies a field with this.";
    }

    /// <summary>Names part by part, so that a namespace stands before what is inside it; letters before their case.</summary>
    private sealed class Segments : IComparer<string>
    {
        public static readonly Segments Instance = new();

        public int Compare(string? x, string? y)
        {
            var (left, right) = (x!.Split('.'), y!.Split('.'));
            for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
            {
                var order = string.Compare(left[i], right[i], StringComparison.OrdinalIgnoreCase);
                if (order != 0) return order;
            }
            return left.Length - right.Length;
        }
    }

    [GeneratedRegex(@"^using (?<name>[A-Za-z_][\w.]*);", RegexOptions.Multiline)]
    private static partial Regex UsingPattern();

    [GeneratedRegex(@"\bthis\._")]
    private static partial Regex QualifiedPattern();
}

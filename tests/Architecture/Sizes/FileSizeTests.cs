namespace Orchestrator.Architecture.Sizes;

public sealed class FileSizeTests(ITestOutputHelper output)
{
    /// <summary>How many files the list may hold; never larger than it was.</summary>
    private const int MostListed = 0;

    private const int ProgramLines = 30;

    [Fact]
    public void No_source_file_is_too_large()
    {
        var lines = Repository.Sources().ToDictionary(path => path, LinesOf);
        var sorted = lines.Values.Order().ToArray();
        Assert.NotEmpty(sorted);
        output.WriteLine($"{sorted.Length} files in src: median {At(0.5)} lines, 90th percentile {At(0.9)}, largest {At(1)}");
        Rules.Hold(FileSizes.Violations(lines, FileSizes.ParseList(Repository.Read("tests/Architecture/Sizes/large-files.txt")), MostListed));

        int At(double part) => sorted[(int)(part * (sorted.Length - 1))];
    }

    [Fact]
    public void Every_program_reads_like_a_table_of_contents() => Rules.Hold(
        from path in Repository.Sources()
        where Path.GetFileName(path) == "Program.cs" && LinesOf(path) > ProgramLines
        select $"{path} has {LinesOf(path)} lines, at most {ProgramLines} are allowed.");

    [Theory]
    [InlineData("a.cs", 300, 0)]
    [InlineData("a.cs", 301, 1)]      // not listed
    [InlineData("listed.cs", 400, 0)]
    [InlineData("listed.cs", 401, 1)] // has grown
    [InlineData("listed.cs", 300, 1)] // need not be listed
    [InlineData("listed.cs", 501, 1)] // past the limit, listed or not
    public void The_ratchet_only_tightens(string path, int lines, int violations)
    {
        var listed = FileSizes.ParseList("# comment\n\nlisted.cs 400 one table of one protocol\n");
        var files = new Dictionary<string, int> { ["listed.cs"] = 350, [path] = lines };
        Assert.Equal(violations, FileSizes.Violations(files, listed, mostListed: 1).Count());
    }

    [Theory]
    [InlineData("listed.cs 400", 1, 1)]                    // no reason
    [InlineData("listed.cs 400 a reason", 2, 1)]           // the number must shrink with the list
    [InlineData("listed.cs 400 a reason\ngone.cs 400 x", 2, 1)]
    public void The_list_is_kept_in_order(string list, int mostListed, int violations) =>
        Assert.Equal(violations, FileSizes.Violations(
            new Dictionary<string, int> { ["listed.cs"] = 350 }, FileSizes.ParseList(list), mostListed).Count());

    private static int LinesOf(string path) => File.ReadLines(Repository.Full(path)).Count();
}

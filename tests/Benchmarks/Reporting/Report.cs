using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Benchmarks.Reporting;

/// <summary>Prints figures as they are measured and writes them as JSON rows.</summary>
public sealed class Report(string file)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<Figure> _figures = [];

    public async Task AddAsync(IAsyncEnumerable<Figure> figures)
    {
        if (_figures.Count == 0) Console.WriteLine($"{"FIGURE",-58} {"VALUE",10} {"UNIT",-6} {"PEER",10} {"RATIO",7} {"GOAL",9}  MET");
        await foreach (var figure in figures)
        {
            _figures.Add(figure);
            Console.WriteLine($"{figure.Name,-58} {Number(figure.Value),10} {figure.Unit,-6} {Number(figure.Peer),10} {Number(figure.Ratio),7} "
                + $"{Goal(figure),9}  {Met(figure)}{(figure.PeerName is { } peer ? $"  (peer: {peer})" : "")}");
        }
    }

    /// <summary>Writes the file. False if a goal is missed.</summary>
    public bool Close()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var rows = _figures.Select(figure => new
        {
            figure = figure.Name,
            value = Rounded(figure.Value),
            unit = figure.Unit,
            peer = Rounded(figure.Peer),
            peerName = figure.PeerName,
            ratio = Rounded(figure.Ratio),
            goal = figure.Goal,
            met = figure.Met,
        });
        File.WriteAllText(file, JsonSerializer.Serialize(rows, Indented) + "\n");
        return _figures.All(figure => figure.Met != false);
    }

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 2) : null;

    private static string Number(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";

    private static string Goal(Figure figure) => figure.Goal is { } goal ? $"{(figure.HigherIsBetter ? ">=" : "<=")} {Number(goal)}" : "";

    private static string Met(Figure figure) => figure.Met switch { true => "yes", false => "NO", null => "" };
}

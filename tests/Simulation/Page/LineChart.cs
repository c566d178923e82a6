using System.Globalization;
using System.Net;
using System.Text;

namespace Orchestrator.Simulation.Page;

/// <summary>Lines over time as an SVG picture; needs no script.</summary>
internal static class LineChart
{
    private const int Width = 640;
    private const int Height = 220;
    private const int Left = 56;
    private const int Top = 12;
    private const int Bottom = 28;
    private const int Marks = 4;

    public static string Draw(string title, string unit, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> lines)
    {
        var right = lines.SelectMany(line => line.Points).Max(point => point.X);
        var highest = Ceiling(lines.SelectMany(line => line.Points).Max(point => point.Y));
        var svg = new StringBuilder($"<figure><figcaption>{WebUtility.HtmlEncode(title)}</figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        for (var mark = 0; mark <= Marks; mark++)
        {
            var value = highest * mark / Marks;
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width}\" y1=\"{Y(value):0.#}\" y2=\"{Y(value):0.#}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Y(value) + 4:0.#}\" text-anchor=\"end\">{value:0.##}{unit}</text>");
            var time = right * mark / Marks;
            var anchor = mark == Marks ? "end" : "middle";
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(time):0.#}\" y=\"{Height - 8}\" text-anchor=\"{anchor}\">{time:0.#} min</text>");
        }

        for (var line = 0; line < lines.Count; line++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"line line-{line}\" points=\"");
            foreach (var (x, y) in lines[line].Points) svg.Append(CultureInfo.InvariantCulture, $"{X(x):0.#},{Y(y):0.#} ");
            svg.Append(CultureInfo.InvariantCulture, $"\"><title>{WebUtility.HtmlEncode(lines[line].Name)}</title></polyline>");
        }

        return svg.Append("</svg></figure>").ToString();

        double X(double x) => Left + (right == 0 ? 0 : x / right) * (Width - Left);
        double Y(double y) => Height - Bottom - y / highest * (Height - Bottom - Top);
    }

    /// <summary>The next of 1, 2, 5, 10, 20 … that is not below.</summary>
    private static double Ceiling(double value)
    {
        if (value <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 5])
            if (value <= step * power) return step * power;
        return 10 * power;
    }
}

using System.CommandLine;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Rendering;

/// <summary>Help as kubectl lays it out: what it does, examples, options, usage.</summary>
internal static class HelpText
{
    private const int OptionColumn = 34;

    public static async Task WriteAsync(Command command, GlobalOptions globals, TextWriter output)
    {
        await output.WriteLineAsync(command.Parents.Any() ? $"{command.Description}." : command.Description);
        if (command is OrcCommand { Details.Length: > 0 } detailed) await WriteBlockAsync(output, "", detailed.Details, indent: "");
        if (command is OrcCommand { Examples.Length: > 0 } shown) await WriteBlockAsync(output, "Examples:", shown.Examples, indent: "  ");
        if (command.Parents.Any()) await WriteSubcommandsAsync(command, output);
        else await WriteTableAsync(output);
        var own = command.Options.Where(option => !option.Recursive && !option.Hidden).ToList();
        if (own.Count > 0) await WriteOptionsAsync(output, "Options:", own);
        if (!command.Parents.Any()) await WriteOptionsAsync(output, "Options of every command:", globals.All);
        var usage = command is OrcCommand { Usage.Length: > 0 } used ? used.Usage : command.Subcommands.Count > 0 ? "COMMAND" : "[options]";
        await output.WriteLineAsync($"\nUsage:\n  {PathOf(command)} {usage}\n");
        await output.WriteLineAsync(command.Subcommands.Count > 0
            ? $"Use \"{PathOf(command)} COMMAND --help\" for more about a command."
            : "Use \"orc --help\" for the options of every command (-n, -s, …).");
    }

    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private static async Task WriteTableAsync(TextWriter output)
    {
        foreach (var group in CommandTable.Entries.GroupBy(entry => entry.Group))
        {
            await output.WriteLineAsync($"\n{group.Key} commands:");
            foreach (var entry in group) await output.WriteLineAsync($"  {entry.Name,-15} {entry.Summary}");
        }
    }

    private static async Task WriteSubcommandsAsync(Command command, TextWriter output)
    {
        if (command.Subcommands.Count == 0) return;
        await output.WriteLineAsync("\nCommands:");
        foreach (var sub in command.Subcommands) await output.WriteLineAsync($"  {sub.Name,-15} {sub.Description}");
    }

    private static async Task WriteBlockAsync(TextWriter output, string title, string text, string indent)
    {
        await output.WriteLineAsync(title.Length > 0 ? $"\n{title}" : "");
        foreach (var line in text.TrimEnd().Split('\n')) await output.WriteLineAsync(line.Length == 0 ? "" : indent + line);
    }

    private static async Task WriteOptionsAsync(TextWriter output, string title, IEnumerable<Option> options)
    {
        await output.WriteLineAsync($"\n{title}");
        foreach (var option in options.OrderBy(option => option.Name, StringComparer.Ordinal))
        {
            var shorthand = option.Aliases.FirstOrDefault(alias => alias.Length == 2);
            var names = shorthand is null ? $"    {option.Name}" : $"{shorthand}, {option.Name}";
            var value = option.HelpName is { } helpName ? $"={helpName}" : "";
            await output.WriteLineAsync($"  {names + value,-OptionColumn} {option.Description}");
        }
    }
}

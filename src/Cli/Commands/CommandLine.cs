using System.CommandLine;
using Grpc.Core;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Connection;
using Orchestrator.Cli.Rendering;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Commands;

/// <summary>A command line's way: parse, help or errors of the grammar, run, and how it ended as an exit code.</summary>
internal static class CommandLine
{
    // A word that begins with @ is a word, not a file of more words.
    private static readonly ParserConfiguration Grammar = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandEnvironment environment, CancellationToken cancellation)
    {
        if (arguments is ["help", ..]) arguments = [.. arguments.Skip(1), "--help"];
        var globals = new GlobalOptions();
        var root = CommandTable.BuildRoot(arguments, globals);
        var parsed = root.Parse(arguments, Grammar);
        if (parsed.GetValue(globals.Help) || parsed.CommandResult.Command is not OrcCommand command)
            return await ShowHelpAsync(parsed, globals, environment);
        if (GrammarErrors.Of(parsed) is { Count: > 0 } errors)
            return await RefuseAsync(errors, parsed.CommandResult.Command, environment);
        using var invocation = new Invocation(parsed, globals, environment, cancellation);
        return await RunAsync(command, invocation);
    }

    private static async Task<int> RunAsync(OrcCommand command, Invocation invocation)
    {
        var (environment, cancellation) = (invocation.Environment, invocation.Cancellation);
        try
        {
            var exitCode = await command.RunAsync(invocation);
            await environment.Out.FlushAsync(CancellationToken.None);
            return exitCode;
        }
        catch (CommandException exception)
        {
            await environment.Out.FlushAsync(CancellationToken.None);
            if (exception.Preamble.Length > 0) await environment.Error.WriteLineAsync(exception.Preamble);
            await environment.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCodes.Failure;
        }
        catch (ConfigException exception)
        {
            await environment.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCodes.Failure;
        }
        catch (Exception exception) when (cancellation.IsCancellationRequested && exception is OperationCanceledException or RpcException)
        {
            await environment.Out.FlushAsync(CancellationToken.None);
            return ExitCodes.Interrupted;
        }
        catch (RpcException exception)
        {
            invocation.Report(exception);
            return ExitCodes.Failure;
        }
        catch (IOException exception) when (exception.HResult == Native.BrokenPipe)
        {
            // The reader has all that it wanted (| head).
            return ExitCodes.Success;
        }
    }

    private static async Task<int> ShowHelpAsync(ParseResult parsed, GlobalOptions globals, CommandEnvironment environment)
    {
        if (!parsed.GetValue(globals.Help) && parsed.UnmatchedTokens is [var word, ..])
            return await RefuseAsync([GrammarErrors.UnknownCommand(word, parsed.CommandResult.Command)], parsed.CommandResult.Command, environment);
        await HelpText.WriteAsync(parsed.CommandResult.Command, globals, environment.Out);
        await environment.Out.FlushAsync(CancellationToken.None);
        return ExitCodes.Success;
    }

    private static async Task<int> RefuseAsync(IReadOnlyList<string> errors, Command command, CommandEnvironment environment)
    {
        foreach (var error in errors) await environment.Error.WriteLineAsync($"error: {error}");
        await environment.Error.WriteLineAsync($"See '{HelpText.PathOf(command)} --help' for usage.");
        return ExitCodes.Failure;
    }
}

using System.Text;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli;

/// <summary>All that a command takes from the process it runs in; tests give their own.</summary>
internal sealed class CommandEnvironment : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public CommandEnvironment(Stream input, Stream output, Stream error)
    {
        Input = input;
        Output = output;
        ErrorStream = error;
        Out = new StreamWriter(output, Utf8, bufferSize: 16 * 1024, leaveOpen: true);
        Error = new StreamWriter(error, Utf8, bufferSize: 1024, leaveOpen: true) { AutoFlush = true };
    }

    public Stream Input { get; }

    /// <summary>Bytes for standard output; flush <see cref="Out"/> before writing here.</summary>
    public Stream Output { get; }

    public Stream ErrorStream { get; }

    /// <summary>Text for standard output, buffered until flushed.</summary>
    public StreamWriter Out { get; }

    public StreamWriter Error { get; }

    /// <summary>Null where standard input is no terminal.</summary>
    public TerminalDevice? Terminal { get; init; }

    public bool OutputIsTerminal { get; init; }
    public bool ErrorIsTerminal { get; init; }
    public TimeProvider Time { get; init; } = TimeProvider.System;
    public Random Random { get; init; } = new();
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>Colour and moving progress: only for a person at a terminal who didn't say no (no-color.org).</summary>
    public bool Decorate => ErrorIsTerminal && string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") != "dumb";

    public static CommandEnvironment OfProcess() =>
        new(new DescriptorStream(0), new DescriptorStream(1), new DescriptorStream(2))
        {
            Terminal = Native.IsTerminal(0) ? new TerminalDevice(0) : null,
            OutputIsTerminal = Native.IsTerminal(1),
            ErrorIsTerminal = Native.IsTerminal(2),
            Variable = Environment.GetEnvironmentVariable,
        };

    public void Dispose()
    {
        Out.Dispose();
        Error.Dispose();
    }
}

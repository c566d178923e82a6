using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Terminal;

/// <summary>The terminal behind a descriptor.</summary>
internal sealed class TerminalDevice(int descriptor)
{
    public (int Columns, int Rows)? Size => Native.GetWindowSize(descriptor);

    /// <summary>
    /// Passes every key through as it is (no echo, no line editing, no signals) until disposed. Whoever calls it
    /// disposes it on every way out; signals end a command by cancellation, so they take that way too.
    /// </summary>
    /// <exception cref="CommandException">The terminal refuses.</exception>
    public IDisposable EnterRawMode()
    {
        var before = Native.GetTerminalSettings(descriptor)
            ?? throw new CommandException("the terminal's settings can't be read");
        if (!Native.SetTerminalSettings(descriptor, Native.ToRaw(before)))
            throw new CommandException("the terminal can't be set to raw mode");
        return new RawMode(descriptor, before);
    }

    /// <summary>Calls back whenever the window changed its size, until disposed.</summary>
    public static IDisposable OnResize(Action resized) =>
        PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => resized());

    private sealed class RawMode(int descriptor, byte[] before) : IDisposable
    {
        public void Dispose() => Native.SetTerminalSettings(descriptor, before);
    }
}

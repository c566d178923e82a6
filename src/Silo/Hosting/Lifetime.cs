using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Hosting;

/// <summary>What happens around the silo's start and end.</summary>
internal static class Lifetime
{
    /// <summary>
    /// Opens the store, whose lock says that no other silo lives here; then a socket file that a killed silo has left can go.
    /// </summary>
    public static Sequencer OpenStore(this WebApplication app, SiloOptions options)
    {
        var sequencer = app.Services.GetRequiredService<Sequencer>();
        File.Delete(options.AgentSocketPath);
        return sequencer;
    }

    /// <summary>The agents' socket is root's only, from the moment it accepts connections on.</summary>
    public static void RestrictAgentSocket(this WebApplication app, SiloOptions options) => app.Lifetime.ApplicationStarted.Register(() =>
        File.SetUnixFileMode(options.AgentSocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite));

    /// <summary>Gives back what only the start needed; the collector alone would keep it until the silo is busy.</summary>
    public static void ReturnStartMemory(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    /// <summary>A silo that may not write any more stops; whoever supervises it starts it anew, and it reads the log as it is then.</summary>
    public static void StopWhenFenced(this WebApplication app, Sequencer sequencer) => sequencer.Fenced += app.Lifetime.StopApplication;
}

using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Hosting;

/// <summary>The silo can't start as it was asked to; the message says which option is wrong.</summary>
internal sealed class SiloStartException(string message) : Exception(message);

/// <summary>Turns what a user can mend into one line and an exit code instead of a stack trace.</summary>
internal static class SiloStart
{
    private const int Failed = 1;

    /// <summary>The exit code: not 0 also where the silo stopped because it lost the log, so that whoever supervises it starts it again.</summary>
    public static async Task<int> Guard(Func<Task<bool>> run)
    {
        try
        {
            return await run() ? 0 : Failed;
        }
        catch (Exception failure) when (Explain(failure) is { } message)
        {
            await Console.Error.WriteLineAsync($"orchestrator-silo: {message}");
            return Failed;
        }
    }

    private static string? Explain(Exception failure) => failure switch
    {
        SiloStartException or StoreException => failure.Message,
        OptionsValidationException invalid => string.Join("; ", invalid.Failures),
        IOException { InnerException: AddressInUseException } => $"{failure.Message.TrimEnd('.')}; choose others with --listen and --http",
        UnauthorizedAccessException => failure.Message,
        InvalidOperationException { InnerException: FormatException or ArgumentException } => $"{failure.Message} {failure.InnerException.Message}",
        _ => null,
    };
}

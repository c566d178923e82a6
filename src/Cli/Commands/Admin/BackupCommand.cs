using System.CommandLine;
using Grpc.Core;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Commands.Admin;

internal sealed class BackupCommand : OrcCommand
{
    private readonly Argument<string> _file = new("file") { HelpName = "FILE" };

    public BackupCommand() : base("backup", "Write all objects of the cluster into a file")
    {
        Usage = "FILE";
        Details = "The objects are those of one moment; the cluster runs on. The file holds Secrets, so only its owner may read it.";
        Examples = """
            # Every night
            orc admin backup /backups/cluster-$(date +%F).orc
            """;
        Add(_file);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var path = invocation.Get(_file)!;
        // Under its own name there is a whole backup or none.
        var partial = path + ".partial";
        long bytes;
        try
        {
            await using (var file = Create(partial))
            {
                using var call = invocation.Server.Admin.Backup(new BackupRequest(), cancellationToken: invocation.Cancellation);
                await foreach (var part in call.ResponseStream.ReadAllAsync(invocation.Cancellation)) await file.WriteAsync(part.Data.Memory, invocation.Cancellation);
                file.Flush(flushToDisk: true);
                bytes = file.Length;
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
            throw new CommandException($"the backup could not be written: {failure.Message}", failure);
        }
        catch (RpcException)
        {
            File.Delete(partial);
            throw;
        }

        await invocation.Out.WriteLineAsync($"{path} written ({bytes} bytes)");
        return ExitCodes.Success;
    }

    private static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}

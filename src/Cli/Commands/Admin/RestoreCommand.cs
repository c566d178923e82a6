using System.CommandLine;
using Google.Protobuf;
using Orchestrator.Api.V1;

namespace Orchestrator.Cli.Commands.Admin;

internal sealed class RestoreCommand : OrcCommand
{
    private const int PartBytes = 256 << 10;

    private readonly Argument<string> _file = new("file") { HelpName = "FILE" };
    private readonly Option<bool> _yes = new("--yes") { Description = "Yes, replace every object of the cluster" };

    public RestoreCommand() : base("restore", "Make all objects of the cluster what a backup says")
    {
        Usage = "FILE --yes";
        Details = "All of it happens in one write, or nothing: what is in the cluster and not in the backup goes, what is in the backup comes back, "
            + "and hosts follow as after any change. The cluster runs on. Nodes that are there stay as they are.";
        Examples = """
            # Back to last night
            orc admin restore /backups/cluster-2026-11-25.orc --yes
            """;
        Add(_file);
        Add(_yes);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var path = invocation.Get(_file)!;
        if (!invocation.Get(_yes)) throw new CommandException("restore replaces every object of the cluster by those of the backup; say --yes if that is meant");
        await using var file = Open(path);
        using var call = invocation.Server.Admin.Restore(cancellationToken: invocation.Cancellation);
        var buffer = new byte[PartBytes];
        while (await file.ReadAsync(buffer, invocation.Cancellation) is > 0 and var length)
            await call.RequestStream.WriteAsync(new BackupPart { Data = ByteString.CopyFrom(buffer, 0, length) }, invocation.Cancellation);
        await call.RequestStream.CompleteAsync();
        var done = await call.ResponseAsync;
        await invocation.Out.WriteLineAsync(
            $"restored as of revision {done.BackupRevision}: {done.Created} created, {done.Updated} updated, {done.Deleted} deleted; the cluster is at revision {done.Revision}");
        return ExitCodes.Success;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the backup could not be read: {failure.Message}", failure);
        }
    }
}

using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Copying;

/// <summary>
/// Copies between here and a container through a tar that runs there. The rules of names are those of cp: onto a folder that is there
/// means into it.
/// </summary>
internal sealed class PodCopy(Invocation invocation, ExecStart container)
{
    private readonly ContainerCommand _commands = new(invocation.Server.Workloads, container);

    /// <param name="preserve">Whether modes and owners go with the files.</param>
    /// <exception cref="CommandException">Nothing was copied, or not all.</exception>
    public async Task UploadAsync(string source, string target, bool preserve)
    {
        if (!Path.Exists(source)) throw new CommandException($"{source} doesn't exist here");
        var name = Path.GetFileName(Path.GetFullPath(source).TrimEnd('/'));
        var place = RemotePath.Split(target);
        var exists = place.IsFolder || (await RunAsync(["test", "-d", target])).ExitCode == 0;
        if (!exists && target.EndsWith('/')) throw new CommandException($"{target} is no folder in the container");
        if (exists) place = new RemotePath(target, name.Length == 0 ? "." : name);
        string[] command = ["tar", "-xmf", "-", "-C", place.Folder, .. preserve ? Array.Empty<string>() : ["--no-same-permissions", "--no-same-owner"]];
        Check(await RunAsync(command, write: (input, cancellation) => Packing.WriteAsync(source, $"./{place.Name}", input, cancellation)));
    }

    /// <exception cref="CommandException">Nothing was copied, or not all.</exception>
    public async Task DownloadAsync(string source, string target)
    {
        var place = RemotePath.Split(source);
        var full = Path.GetFullPath(target);
        if (Directory.Exists(full)) full = place.IsFolder ? full : Path.Combine(full, place.Name);
        else if (target.EndsWith('/') || !Directory.Exists(Path.GetDirectoryName(full))) throw new CommandException($"{target} is no folder here, and lies in none");
        var unpacking = new Unpacking(place.Name, full, refused => invocation.Report($"left out: {refused}"));
        Check(await RunAsync(["tar", "-cf", "-", "-C", place.Folder, $"./{place.Name}"], read: unpacking.RunAsync));
        if (unpacking.Count == 0 && invocation.ExitCode == ExitCodes.Success) throw new CommandException($"the container's tar says that there is nothing at {source}");
    }

    private async Task<CommandEnd> RunAsync(string[] command, Func<Stream, CancellationToken, Task>? write = null, Func<Stream, CancellationToken, Task>? read = null)
    {
        try
        {
            return await _commands.RunAsync(command, write, read, invocation.Cancellation);
        }
        catch (RpcException absent) when (absent.Status.Detail.Contains("executable file", StringComparison.Ordinal))
        {
            throw new CommandException($"copying needs {command[0]} in the container: {absent.Status.Detail}", absent);
        }
    }

    private static void Check(CommandEnd end)
    {
        if (end.ExitCode != 0) throw new CommandException($"tar in the container ended with exit code {end.ExitCode}: {end.Errors}");
    }
}

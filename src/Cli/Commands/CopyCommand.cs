using System.CommandLine;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Copying;

namespace Orchestrator.Cli.Commands;

internal sealed class CopyCommand : OrcCommand
{
    private readonly Argument<string> _source = new("source") { HelpName = "SOURCE" };
    private readonly Argument<string> _target = new("target") { HelpName = "TARGET" };
    private readonly Option<string?> _container = CommonOptions.Container();
    private readonly Option<bool> _noPreserve = new("--no-preserve") { Description = "Into a container: files get its own modes and owner" };

    public CopyCommand(string name, string summary) : base(name, summary)
    {
        Usage = "SOURCE TARGET [-c CONTAINER] [options]";
        Details = "One of the two is PATH here, the other [NAMESPACE/]POD:PATH; folders go with all that is in them. A path here that has a\n"
            + "colon begins with a slash or a dot. The container needs tar. What would leave the target, by its name or as a link, is left out.";
        Examples = """
            # A file out of the pod's only container, a folder into one of its containers
            orc cp web:/etc/passwd ./passwd
            orc cp ./site team/web:/srv -c httpd

            # Only what is in a folder, and not the folder
            orc cp web:/www/. ./site
            """;
        Add(_source);
        Add(_target);
        Add(_container);
        Add(_noPreserve);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var (source, target) = (CopyPlace.Parse(invocation.Get(_source)!), CopyPlace.Parse(invocation.Get(_target)!));
        if (source.IsHere == target.IsHere) throw new CommandException("one of SOURCE and TARGET must be a path here, and the other [NAMESPACE/]POD:PATH");
        var there = source.IsHere ? target : source;
        var container = new ExecStart
        {
            Namespace = there.Namespace.Length > 0 ? there.Namespace : invocation.Namespace,
            Pod = there.Pod,
            Container = invocation.Get(_container) ?? "",
        };
        var copy = new PodCopy(invocation, container);
        try
        {
            if (source.IsHere) await copy.UploadAsync(source.Path, target.Path, preserve: !invocation.Get(_noPreserve));
            else await copy.DownloadAsync(source.Path, target.Path);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException(broken.Message, broken);
        }

        return invocation.ExitCode;
    }
}

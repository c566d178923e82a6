using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Rendering;

namespace Orchestrator.Cli.Connection;

/// <summary><c>get -w</c>: what is there, then each change as it comes, until interrupted.</summary>
internal sealed class ObjectWatcher(Invocation invocation, ObjectReader reader, ObjectPrinter printer, bool showPresent)
{
    public async Task<int> RunAsync(ResourceSelection selection, Form form)
    {
        if (selection.Targets is not [var target]) throw new CommandException("you may only specify a single resource type");
        if (await reader.ReadAsync(target) is not { } present) return ExitCodes.Success;
        if (showPresent && present.Items.Count > 0) await printer.PrintAsync([present]);
        await invocation.Out.FlushAsync(invocation.Cancellation);
        var query = reader.QueryOf(target);
        var request = new WatchRequest
        {
            Resource = target.Kind.Resource,
            Namespace = target.Kind.Namespaced ? query.Namespace : "",
            Name = target.Name ?? "",
            LabelSelector = query.LabelSelector,
            FieldSelector = target.Name is null ? query.FieldSelector : "",
            AllowBookmarks = true,
            Form = form,
        };
        var columns = present.Columns;
        await foreach (var change in invocation.Server.WatchAfterAsync(
            present.Listed, async () => (await reader.ReadAsync(target))?.Listed, request, invocation.Cancellation))
        {
            if (change.Columns.Count > 0) columns = change.Columns;
            if (change.Type == WatchEvent.Types.Type.Bookmark) continue;
            await printer.PrintAsync([new ObjectBatch(target.Kind, columns, [change.Object], change.Object.ResourceVersion)]);
            await invocation.Out.FlushAsync(invocation.Cancellation);
        }
        return invocation.ExitCode;
    }
}

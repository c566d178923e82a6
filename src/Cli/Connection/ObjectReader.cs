using Grpc.Core;
using Orchestrator.Api.V1;
using Orchestrator.Cli.Arguments;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Connection;

/// <summary>Objects of one kind as they were read, the columns of their rows, and the version to watch from.</summary>
internal sealed record ObjectBatch(
    KindInfo Kind, IReadOnlyList<TableColumn> Columns, IReadOnlyList<Api.V1.Object> Items, string Version)
{
    public ListedObjects Listed => new(Items, Version);
}

/// <summary>Reads what a command is about: one object by name, or a list.</summary>
internal sealed class ObjectReader(Invocation invocation, Form form)
{
    /// <summary>Empty: all namespaces.</summary>
    public required string Namespace { get; init; }

    public string LabelSelector { get; init; } = "";
    public string FieldSelector { get; init; } = "";
    public bool IgnoreNotFound { get; init; }

    /// <summary>Null if an object of that name isn't there and that is no error.</summary>
    /// <exception cref="RpcException">The server refused; NOT_FOUND for an absent object.</exception>
    public async Task<ObjectBatch?> ReadAsync(ResourceTarget target)
    {
        var query = QueryOf(target);
        if (target.Name is null || form == Form.Table)
        {
            var list = await invocation.Server.ListAsync(query, form, invocation.Cancellation);
            if (target.Name is null || list.Items.Count > 0)
                return new ObjectBatch(target.Kind, list.Columns, list.Items, list.ResourceVersion);
        }
        try
        {
            // Also asked when the list has no such row: the server's own words say what is absent.
            var one = await invocation.Server.GetAsync(target.Kind, query.Namespace, target.Name, form, invocation.Cancellation);
            return new ObjectBatch(target.Kind, [], [one], one.ResourceVersion);
        }
        catch (RpcException exception) when (IgnoreNotFound && ClusterErrors.IsNotFound(exception))
        {
            return null;
        }
    }

    public ListQuery QueryOf(ResourceTarget target) => new(target.Kind, target.Namespace.Length > 0 ? target.Namespace : Namespace)
    {
        LabelSelector = LabelSelector,
        FieldSelector = target.Name is null ? FieldSelector : $"metadata.name={target.Name}",
    };
}

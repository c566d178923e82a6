using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Rendering;

/// <summary>Prints what was read; called again for each change of a watch.</summary>
internal abstract class ObjectPrinter
{
    public abstract Task PrintAsync(IReadOnlyList<ObjectBatch> found);
}

using Orchestrator.Contracts.Ids;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// One committed change. <see cref="Object"/> is the new version; for a delete it is the last version, at the delete's revision.
/// </summary>
internal sealed record ObjectChange(
    Revision Revision, WriteOperation Operation, StoredObject Object, StoredObject? Previous, System.Diagnostics.ActivityContext Trace);

using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>
/// What is special about one kind in the pipeline that all kinds share. A kind without a strategy of its own gets this one.
/// </summary>
internal class KindStrategy
{
    /// <summary>Fills in what depends on other objects or on the system, the first status included.</summary>
    public virtual void PrepareForCreate(IMessage obj, ObjectCache cache)
    {
    }

    /// <summary>What forbids the new object beyond its own rules: references that lead nowhere, combinations that can't work.</summary>
    public virtual IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache) => [];

    /// <summary>Keeps in the new version what clients leave out but don't mean to remove.</summary>
    public virtual void PrepareForUpdate(IMessage old, IMessage updated)
    {
    }

    /// <summary>Keeps in a new status what only the system decides.</summary>
    public virtual void PrepareForStatusUpdate(IMessage old, IMessage updated)
    {
    }

    /// <summary>What forbids this change.</summary>
    public virtual IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated) => [];

    /// <summary>What of the object has no effect, though nothing is wrong with it.</summary>
    public virtual IReadOnlyList<string> Warnings(IMessage obj) => [];

    /// <summary>
    /// Null if the object may go at once; otherwise the seconds that what runs in its name gets to end, after which somebody
    /// (a host, a grain) removes the object.
    /// </summary>
    public virtual long? GraceSeconds(StoredObject obj, long? requested) => null;

    /// <summary>Changes the object when its deletion begins.</summary>
    public virtual void BeginDeletion(IMessage obj)
    {
    }

    /// <summary>What forbids deleting the object.</summary>
    public virtual string? RefuseDeletion(StoredObject obj) => null;
}

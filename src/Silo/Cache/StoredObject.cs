using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Silo.Cache;

/// <summary>
/// One version of one object, as the log has it. Immutable: the bytes are re-sent as they are, and whoever wants to change the
/// message clones it first. Its other forms are made once, when first asked for.
/// </summary>
internal sealed class StoredObject
{
    private IMessage? _message;
    private byte[]? _json;
    private MetadataScan? _scan;
    private StoredObject? _otherwise;

    public StoredObject(ObjectKey key, Kind kind, Revision revision, ReadOnlyMemory<byte> bytes)
    {
        Key = key;
        Kind = kind;
        Revision = revision;
        Bytes = bytes;
    }

    public ObjectKey Key { get; }
    public Kind Kind { get; }
    public Revision Revision { get; }

    /// <summary>The protobuf encoding of the kind's message, resourceVersion included.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The decoded object. Shared by all readers: never changed.</summary>
    public IMessage Message => _message ??= Kind.Parse(Bytes.Span);

    /// <summary>The object in Kubernetes' JSON.</summary>
    public ReadOnlyMemory<byte> Json => _json ??= ObjectJson.Encode(Kind, Message);

    /// <summary>What indexes need, without decoding the object.</summary>
    public MetadataScan Scan => _scan ??= MetadataScan.Read(Bytes);

    public ObjectMeta Metadata => Kind.MetadataOf(Message)!;

    public string Uid => Metadata.Uid;

    public bool Terminating => Scan.Terminating;

    /// <summary>The message as its own type, to read.</summary>
    public T As<T>() where T : class, IMessage => (T)Message;

    /// <summary>A copy to change.</summary>
    public T Copy<T>() where T : class, IMessage<T> => ((T)Message).Clone();

    /// <summary>A copy to change, of whatever type it is.</summary>
    public IMessage Copy() => Kind.Parse(Bytes.Span);

    /// <summary>The same object in another version of its kind, or in its kind as it is defined by now.</summary>
    public StoredObject In(Kind kind)
    {
        if (ReferenceEquals(kind, Kind)) return this;
        if (_otherwise is { } known && ReferenceEquals(known.Kind, kind)) return known;
        return _otherwise = new StoredObject(Key, kind, Revision, Bytes);
    }
}

using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Objects;

/// <summary>Kubernetes' reasons for a refusal.</summary>
internal enum ErrorReason
{
    BadRequest,
    Unauthorized,
    Invalid,
    NotFound,
    AlreadyExists,
    Conflict,
    Forbidden,
    MethodNotAllowed,
    UnsupportedMediaType,
    Gone,
    Timeout,
    RequestEntityTooLarge,
    TooManyRequests,
    InsufficientStorage,
    ServiceUnavailable,
    InternalError,
}

/// <summary>Why a request was refused; nothing was changed. Both doors (gRPC, REST) render it.</summary>
internal sealed record ApiError(ErrorReason Reason, string Message, IReadOnlyList<FieldError> Fields)
{
    public ApiError(ErrorReason reason, string message) : this(reason, message, [])
    {
    }

    /// <summary>The object that is meant, where the request didn't name it by itself.</summary>
    public string Name { get; init; } = "";

    public static ApiError NotFound(Kind kind, string name) =>
        new(ErrorReason.NotFound, $"{Qualified(kind.Resource)} \"{name}\" not found");

    public static ApiError AlreadyExists(ObjectKey key) =>
        new(ErrorReason.AlreadyExists, $"{Qualified(key.Resource)} \"{key.Name}\" already exists") { Name = key.Name };

    public static ApiError Conflict(ObjectKey key, string why) =>
        new(ErrorReason.Conflict, $"Operation cannot be fulfilled on {Qualified(key.Resource)} \"{key.Name}\": {why}");

    public static ApiError Modified(ObjectKey key) =>
        Conflict(key, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiError OtherUid(ObjectKey key, string wanted, string present) =>
        Conflict(key, $"the UID in the precondition ({wanted}) does not match the UID in record ({present})");

    public static ApiError FieldConflicts(IReadOnlyList<(string Manager, string ApiVersion, string Field)> conflicts)
    {
        var fields = conflicts.Select(one => new FieldError(one.Field, $"conflict with \"{one.Manager}\" using {one.ApiVersion}", FieldReasons.ManagerConflict)).ToArray();
        var list = string.Join("\n", fields.Select(field => $"{field.Message}: {field.Path}"));
        return new ApiError(ErrorReason.Conflict, $"Apply failed with {fields.Length} conflict{(fields.Length == 1 ? "" : "s")}: {list}", fields);
    }

    public static ApiError Invalid(Kind kind, string name, IReadOnlyList<FieldError> fields) =>
        new(ErrorReason.Invalid, $"{kind.Name} \"{name}\" is invalid: {string.Join("; ", fields)}", fields) { Name = name };

    public static ApiError UnknownResource(ResourceId resource) =>
        new(ErrorReason.NotFound, $"the server doesn't have a resource type \"{resource.Plural}\"{(resource.Group.Length > 0 ? $" in group \"{resource.Group}\"" : "")}");

    public static ApiError RequestIdTaken(string id) => new(
        ErrorReason.BadRequest, $"request_id: Invalid value \"{id}\": it was used for another request; nothing was written. Repeat a request with its own id, and give each new one a new id");

    public static readonly ApiError StoreFull = new(ErrorReason.InsufficientStorage, "the store is full: nothing was written; free space on the disk of the data directory");

    public static readonly ApiError StoreUnavailable =
        new(ErrorReason.ServiceUnavailable, "the store takes no writes here; the outcome may be unknown: repeat the request with the same request id");

    /// <summary>Why a write was not committed. Conflicts have an object to name: they are told apart before.</summary>
    public static ApiError Of(WriteOutcome outcome, string requestId) => outcome switch
    {
        WriteOutcome.Full => StoreFull,
        WriteOutcome.OtherRequest => RequestIdTaken(requestId),
        _ => StoreUnavailable,
    };

    private static string Qualified(ResourceId resource) => resource.Group.Length == 0 ? resource.Plural : $"{resource.Plural}.{resource.Group}";
}

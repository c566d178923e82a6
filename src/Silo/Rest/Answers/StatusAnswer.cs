using System.Buffers;
using System.Text.Json;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>Kubernetes' <c>Status</c>: what became of a request that has no object to show.</summary>
internal static class StatusAnswer
{
    /// <summary>What a status is about, as its details say.</summary>
    internal readonly record struct About(string Group, string Kind, string Name, string Uid = "");

    public static Task Refuse(this HttpContext http, ApiError error, About about = default)
    {
        if (error.Reason is ErrorReason.ServiceUnavailable or ErrorReason.InsufficientStorage) http.Response.Headers.RetryAfter = "1";
        return new Pieces().Add(Encode(error, about)).Send(http, CodeOf(error.Reason));
    }

    public static Task Refuse(this RestCall call, ApiError error) => call.Http.Refuse(error, AboutOf(call, error));

    public static Task Succeed(this RestCall call, string uid) => new Pieces().Add(Encode(writer =>
    {
        writer.WriteString("status", "Success");
        WriteDetails(writer, new About(call.Kind.Resource.Group, call.Kind.Resource.Plural, call.Path.Name, uid), [], null);
    })).Send(call.Http);

    /// <summary>A command ended well.</summary>
    public static readonly ReadOnlyMemory<byte> Succeeded = Encode(writer => writer.WriteString("status", "Success"));

    /// <summary>A command ended with a code other than 0, which clients read from the cause.</summary>
    public static ReadOnlyMemory<byte> Exited(int code) => Encode(writer =>
    {
        writer.WriteString("status", "Failure");
        writer.WriteString("message", $"command terminated with non-zero exit code: exit status {code}");
        writer.WriteString("reason", "NonZeroExitCode");
        writer.WriteStartObject("details");
        writer.WriteStartArray("causes");
        writer.WriteStartObject();
        writer.WriteString("reason", "ExitCode");
        writer.WriteString("message", code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Encode(ApiError error, About about) => Encode(writer =>
    {
        writer.WriteString("status", "Failure");
        writer.WriteString("message", error.Message);
        writer.WriteString("reason", ReasonOf(error.Reason));
        var details = about.Kind?.Length > 0 || error.Fields.Count > 0 || error.Reason == ErrorReason.ServiceUnavailable;
        if (details) WriteDetails(writer, about, error.Fields, error.Reason == ErrorReason.ServiceUnavailable ? 1 : null);
        writer.WriteNumber("code", CodeOf(error.Reason));
    });

    private static About AboutOf(RestCall call, ApiError error)
    {
        // An invalid object is named by its kind, everything else by its resource, as Kubernetes does it.
        var kind = error.Reason == ErrorReason.Invalid ? call.Kind.Name : call.Kind.Resource.Plural;
        return new About(call.Kind.Resource.Group, kind, call.Path.Name.Length > 0 ? call.Path.Name : error.Name);
    }

    private static ReadOnlyMemory<byte> Encode(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, RestJson.Options);
        writer.WriteStartObject();
        writer.WriteString("kind", "Status");
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        body(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteDetails(Utf8JsonWriter writer, About about, IReadOnlyList<FieldError> causes, int? retryAfterSeconds)
    {
        writer.WriteStartObject("details");
        if (about.Name?.Length > 0) writer.WriteString("name", about.Name);
        if (about.Group?.Length > 0) writer.WriteString("group", about.Group);
        if (about.Kind?.Length > 0) writer.WriteString("kind", about.Kind);
        if (about.Uid?.Length > 0) writer.WriteString("uid", about.Uid);
        if (causes.Count > 0)
        {
            writer.WriteStartArray("causes");
            foreach (var cause in causes)
            {
                writer.WriteStartObject();
                writer.WriteString("reason", cause.Reason == FieldReasons.ManagerConflict ? cause.Reason : $"FieldValue{cause.Reason}");
                writer.WriteString("message", cause.Message);
                writer.WriteString("field", cause.Path);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (retryAfterSeconds is { } seconds) writer.WriteNumber("retryAfterSeconds", seconds);
        writer.WriteEndObject();
    }

    private static string ReasonOf(ErrorReason reason) => reason switch
    {
        ErrorReason.Gone => "Expired",
        ErrorReason.InsufficientStorage => "InsufficientStorage",
        _ => reason.ToString(),
    };

    private static int CodeOf(ErrorReason reason) => reason switch
    {
        ErrorReason.BadRequest => StatusCodes.Status400BadRequest,
        ErrorReason.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorReason.Forbidden => StatusCodes.Status403Forbidden,
        ErrorReason.NotFound => StatusCodes.Status404NotFound,
        ErrorReason.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        ErrorReason.AlreadyExists or ErrorReason.Conflict => StatusCodes.Status409Conflict,
        ErrorReason.Gone => StatusCodes.Status410Gone,
        ErrorReason.RequestEntityTooLarge => StatusCodes.Status413RequestEntityTooLarge,
        ErrorReason.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorReason.Invalid => StatusCodes.Status422UnprocessableEntity,
        ErrorReason.TooManyRequests => StatusCodes.Status429TooManyRequests,
        ErrorReason.Timeout => StatusCodes.Status504GatewayTimeout,
        ErrorReason.InternalError => StatusCodes.Status500InternalServerError,
        ErrorReason.InsufficientStorage => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}

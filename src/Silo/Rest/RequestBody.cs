using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.Net.Http.Headers;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Objects;
using Orchestrator.Silo.Objects.Kinds;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest;

/// <summary>What a request carries.</summary>
internal static class RequestBody
{
    private const int MaximumBytes = 3 << 20;

    public static async Task<(ReadOnlyMemory<byte> Bytes, ApiError? Error)> Read(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > MaximumBytes) return (default, TooLarge);
        var body = request.BodyReader;
        while (true)
        {
            ReadResult read;
            try
            {
                read = await body.ReadAsync(cancellation);
            }
            catch (IOException broken) when (broken is not Microsoft.AspNetCore.Http.BadHttpRequestException)
            {
                return (default, new ApiError(ErrorReason.BadRequest, $"the body of the request can't be read: {broken.Message}"));
            }

            var tooLarge = read.Buffer.Length > MaximumBytes;
            if (tooLarge || read.IsCompleted)
            {
                var bytes = tooLarge ? [] : read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return tooLarge ? (default, TooLarge) : (bytes, null);
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>
    /// The object of a create or an update, with its defaults. What is left out of it, because nobody knows it, is said in Warning headers.
    /// </summary>
    public static async Task<(IMessage? Message, ApiError? Error)> ReadObject(RestCall call)
    {
        var type = MediaType(call.Http.Request);
        if (type is not (Pieces.Json or "application/yaml" or "")) return (null, Unsupported(type, $"{Pieces.Json}, application/yaml"));
        var (bytes, error) = await Read(call.Http.Request, call.Cancellation);
        if (error is not null) return (null, error);
        (var message, error) = Decode(call, bytes, type == "application/yaml");
        return message is null ? (null, error) : (WithDefaults(call.Kind, message), null);
    }

    private static (IMessage? Message, ApiError? Error) Decode(RestCall call, ReadOnlyMemory<byte> bytes, bool yaml)
    {
        var decoded = ObjectBody.Decode(bytes, yaml, call.Kind, call.Query.FieldValidation);
        if (decoded.Message is not { } message)
            return (null, new ApiError(ErrorReason.BadRequest, $"{call.Kind.Name} in the request can't be read: {string.Join("; ", decoded.Errors)}", decoded.Errors));
        Warn(call.Http.Response, decoded.Warnings);
        return Place(call, message) is { } misplaced ? (null, misplaced) : (message, null);
    }

    /// <summary>What an applier says: like an object, but without defaults, for he owns only what he says.</summary>
    public static async Task<(IMessage? Message, ApiError? Error)> ReadApplied(RestCall call)
    {
        var (bytes, error) = await Read(call.Http.Request, call.Cancellation);
        return error is not null ? (null, error) : Decode(call, bytes, yaml: true);
    }

    public static void Warn(this HttpResponse response, IReadOnlyList<FieldError> warnings)
    {
        foreach (var warning in warnings) response.Warn($"{warning.Path}: {warning.Message}");
    }

    public static void Warn(this HttpResponse response, string warning)
    {
        var text = warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        response.Headers.Append(HeaderNames.Warning, $"299 - \"{string.Concat(text.Select(letter => letter is < ' ' or > '~' ? '?' : letter))}\"");
    }

    public static string MediaType(HttpRequest request) => request.GetTypedHeaders().ContentType?.MediaType.ToString().ToLowerInvariant() ?? "";

    public static ApiError Unsupported(string type, string supported) =>
        new(ErrorReason.UnsupportedMediaType, $"the body of the request was in an unknown format (\"{type}\") - accepted media types include: {supported}");

    private static readonly ApiError TooLarge = new(ErrorReason.RequestEntityTooLarge, $"Request entity too large: limit is {MaximumBytes}");

    /// <summary>The object is where the URL says; what it says itself must agree.</summary>
    private static ApiError? Place(RestCall call, IMessage message)
    {
        var metadata = call.Kind.EnsureMetadata(message);
        var path = call.Path;
        if (metadata.Namespace.Length == 0 && call.Kind.Namespaced) metadata.Namespace = path.Namespace;
        if (call.Kind.Namespaced && metadata.Namespace != path.Namespace)
            return new ApiError(ErrorReason.BadRequest, "the namespace of the provided object does not match the namespace sent on the request");
        if (path.Name.Length == 0) return null;
        if (metadata.Name.Length == 0) metadata.Name = path.Name;
        return metadata.Name == path.Name
            ? null
            : new ApiError(ErrorReason.BadRequest, $"the name of the object ({metadata.Name}) does not match the name on the URL ({path.Name})");
    }

    private static IMessage WithDefaults(Contracts.Kinds.Kind kind, IMessage message)
    {
        Defaults.Apply(kind, message);
        return message;
    }
}

using System.IO.Compression;
using Microsoft.Net.Http.Headers;

namespace Orchestrator.Silo.Rest.Answers;

/// <summary>
/// The body of an answer as pieces of bytes, most of which are encoded objects that stand in the cache and are sent as they are.
/// Large ones are compressed for those who take it.
/// </summary>
internal sealed class Pieces
{
    public const string Json = "application/json";

    /// <summary>As in Kubernetes: below it, compression costs more than it saves.</summary>
    private const int CompressedFrom = 128 << 10;
    private const int FlushedAfter = 256 << 10;

    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private long _length;

    public Pieces Add(ReadOnlyMemory<byte> piece)
    {
        _pieces.Add(piece);
        _length += piece.Length;
        return this;
    }

    public byte[] ToArray()
    {
        var all = new byte[_length];
        var at = 0;
        foreach (var piece in _pieces)
        {
            piece.CopyTo(all.AsMemory(at));
            at += piece.Length;
        }

        return all;
    }

    public async Task Send(HttpContext http, int status = StatusCodes.Status200OK, string contentType = Json)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        if (_length >= CompressedFrom && TakesGzip(http.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            foreach (var piece in _pieces) await gzip.WriteAsync(piece, http.RequestAborted);
            return;
        }

        response.ContentLength = _length;
        if (http.Request.Method == HttpMethods.Head) return;
        var writer = response.BodyWriter;
        foreach (var piece in _pieces)
        {
            System.Buffers.BuffersExtensions.Write(writer, piece.Span);
            if (writer.UnflushedBytes > FlushedAfter) await writer.FlushAsync(http.RequestAborted);
        }

        await writer.FlushAsync(http.RequestAborted);
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.Method != HttpMethods.Head
        && request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value.Value is "gzip" or "*" && encoding.Quality is not 0);
}

using Grpc.Core;
using Orchestrator.Dom0.V1;

namespace Orchestrator.Hypervisor.Api;

/// <summary>The data of a stream of import messages as one stream of bytes, read forwards; flow control is gRPC's.</summary>
internal sealed class ImportStream : Stream
{
    private readonly IAsyncStreamReader<ImportDiskImageRequest> _messages;
    private ReadOnlyMemory<byte> _pending;

    public ImportStream(IAsyncStreamReader<ImportDiskImageRequest> messages)
    {
        _messages = messages;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_pending.IsEmpty)
        {
            if (!await _messages.MoveNext(cancellationToken))
            {
                return 0;
            }

            _pending = _messages.Current.Data.Memory;
        }

        var count = Math.Min(buffer.Length, _pending.Length);
        _pending[..count].CopyTo(buffer);
        _pending = _pending[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Dom0.V1;
using Orchestrator.Hypervisor.Consoles;

namespace Orchestrator.Hypervisor.Api;

/// <summary>One watcher at a domain's console: what the guest writes goes out, what the watcher types goes in.</summary>
internal static class ConsoleSession
{
    private const int ChunkBytes = 16 * 1024;

    public static async Task RunAsync(
        Domains.Domain domain,
        DomainConsoleStart start,
        IAsyncStreamReader<DomainConsoleInput> input,
        IServerStreamWriter<DomainConsoleOutput> output,
        CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // It looks before it types, or the answer could have gone by.
        var showing = ShowAsync(domain, start, output, over.Token);
        var typing = start.Follow ? TypeAsync(domain, input, over.Token) : Task.CompletedTask;

        // Typing that ends (the watcher closed its side) leaves the watcher watching; typing that fails ends the call with its reason.
        if (await Task.WhenAny(typing, showing) == typing && typing.IsCompletedSuccessfully)
        {
            await showing;
        }

        await over.CancelAsync();
        await ((showing.IsCompleted ? showing : typing).ConfigureAwait(ConfigureAwaitOptions.None));
        await Task.WhenAll(typing, showing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task ShowAsync(
        Domains.Domain domain, DomainConsoleStart start, IServerStreamWriter<DomainConsoleOutput> output, CancellationToken cancellation)
    {
        var scrollback = domain.Console.Scrollback;
        var reader = scrollback.Follow(start.HasScrollbackBytes ? start.ScrollbackBytes : Scrollback.CapacityBytes);
        try
        {
            await ShowAsync(domain, start, reader, output, cancellation);
        }
        finally
        {
            scrollback.Leave(reader);
        }
    }

    private static async Task ShowAsync(
        Domains.Domain domain,
        DomainConsoleStart start,
        ScrollbackReader reader,
        IServerStreamWriter<DomainConsoleOutput> output,
        CancellationToken cancellation)
    {
        var scrollback = domain.Console.Scrollback;
        if (start.Follow)
        {
            await domain.Requests.WhenAsync(record => record.Starts > 0, cancellation);
        }

        var chunk = new byte[ChunkBytes];
        while (true)
        {
            switch (scrollback.Read(reader, chunk, out var count))
            {
                case ScrollbackRead.Data:
                    await output.WriteAsync(new DomainConsoleOutput { Data = ByteString.CopyFrom(chunk, 0, count) }, cancellation);
                    break;
                case ScrollbackRead.Waiting when start.Follow:
                    await scrollback.ChangedAsync(reader, cancellation);
                    break;
                case ScrollbackRead.FellBehind:
                    throw new RpcException(new Status(
                        StatusCode.ResourceExhausted,
                        $"the watcher read too slowly: the guest is more than {Scrollback.CapacityBytes} bytes ahead"));
                default:
                    return;
            }
        }
    }

    private static async Task TypeAsync(Domains.Domain domain, IAsyncStreamReader<DomainConsoleInput> input, CancellationToken cancellation)
    {
        while (await input.MoveNext(cancellation))
        {
            if (input.Current.InputCase is not DomainConsoleInput.InputOneofCase.Data)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "only data may follow the first message"));
            }

            if (!await domain.Console.TypeAsync(input.Current.Data.Memory, cancellation))
            {
                throw new RpcException(new Status(
                    StatusCode.FailedPrecondition, $"domain {domain.Record.Id} does not run, or does not take what is typed"));
            }
        }
    }
}

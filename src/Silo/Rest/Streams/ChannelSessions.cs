namespace Orchestrator.Silo.Rest.Streams;

/// <summary>Serves requests that become channels of one socket: until what is told has ended, the client has gone, or the silo stops.</summary>
internal sealed class ChannelSessions(TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <param name="call">A request that <see cref="ChannelSocket.Refuse"/> has nothing against.</param>
    /// <param name="served">The subprotocols.</param>
    /// <param name="take">Takes a piece of what the client says; the next comes when it has.</param>
    /// <param name="tell">Tells the client what there is to tell, and returns when that is all.</param>
    public async Task Run(
        RestCall call, ServedProtocols served, Func<ChannelData, CancellationToken, Task> take, Func<ChannelSocket, CancellationToken, Task> tell)
    {
        using var socket = await ChannelSocket.Accept(call.Http, served);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, lifetime.ApplicationStopping);
        var listening = Listen(socket, take, ending);
        try
        {
            await tell(socket, ending.Token);
            await socket.Close(listening, time);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client has gone, or the silo stops.
        }
        finally
        {
            await ending.CancelAsync();
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes what the client says until it leaves; then what runs for it is let go.</summary>
    private static async Task Listen(ChannelSocket socket, Func<ChannelData, CancellationToken, Task> take, CancellationTokenSource ending)
    {
        try
        {
            await foreach (var data in socket.Receive(ending.Token)) await take(data, ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
        }
    }
}

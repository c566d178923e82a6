using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Cli.Connection;

namespace Orchestrator.Cli.Tests.Connection;

public sealed class RetryPolicyTests
{
    [Fact]
    public async Task It_gives_up_after_eight_attempts_and_seven_seconds()
    {
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        var attempts = 0;
        var call = new RetryPolicy(time).RunAsync<int>(() =>
        {
            attempts++;
            return Task.FromException<int>(new RpcException(new Status(StatusCode.Unavailable, "starting")));
        }, CancellationToken.None);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(RetryPolicy.Attempts, attempts);
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.Internal)]
    public async Task Any_other_error_is_final(StatusCode code)
    {
        var attempts = 0;
        await Assert.ThrowsAsync<RpcException>(() => new RetryPolicy(new FakeTimeProvider()).RunAsync<int>(() =>
        {
            attempts++;
            return Task.FromException<int>(new RpcException(new Status(code, "")));
        }, CancellationToken.None));
        Assert.Equal(1, attempts);
    }
}

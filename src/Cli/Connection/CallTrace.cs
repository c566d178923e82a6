using System.Globalization;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Orchestrator.Cli.Connection;

/// <summary>Tells each call, its outcome and its time on standard error (<c>-v 6</c>).</summary>
internal sealed class CallTrace(TextWriter output, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var start = time.GetTimestamp();
        var call = continuation(request, context);
        return new AsyncUnaryCall<TResponse>(
            Observe(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);

        async Task<TResponse> Observe(Task<TResponse> response)
        {
            var status = StatusCode.OK;
            try
            {
                return await response;
            }
            catch (RpcException exception)
            {
                status = exception.StatusCode;
                throw;
            }
            finally
            {
                var milliseconds = time.GetElapsedTime(start).TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
                output.WriteLine($"{context.Method.FullName} {status} in {milliseconds} ms");
            }
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        output.WriteLine($"{context.Method.FullName} stream opened");
        return continuation(request, context);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        output.WriteLine($"{context.Method.FullName} stream opened");
        return continuation(context);
    }
}

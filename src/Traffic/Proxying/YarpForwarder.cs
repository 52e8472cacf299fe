using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Forwarder;

namespace Teal.Traffic.Proxying;

/// <summary>Forwards by YARP's direct forwarder and nothing else of YARP.</summary>
internal sealed class YarpForwarder : IForwarder
{
    /// <summary>Teal's own sweep watches the time to the head; after it an answer may take as long as it likes.</summary>
    private static readonly ForwarderRequestConfig Http1 = new()
    {
        ActivityTimeout = Timeout.InfiniteTimeSpan,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
    private static readonly ForwarderRequestConfig Http2 = Http1 with { Version = HttpVersion.Version20 };

    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _http1;
    private readonly HttpMessageInvoker _http2;
    private readonly ForwardedHeaders _forwarded;
    private readonly TimeSpan _clientsGoodbye;
    private readonly TimeProvider _time;

    /// <param name="clientsGoodbye">For a client's answer when its WebSocket was told to end.</param>
    public YarpForwarder(UpstreamLimits limits, ForwardedHeaders forwarded, TimeSpan clientsGoodbye, TimeProvider time)
    {
        _forwarded = forwarded;
        _clientsGoodbye = clientsGoodbye;
        _time = time;
        _services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddHttpForwarder()
            .BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        _http1 = UpstreamConnections.Open(limits, isHttp2: false);
        _http2 = UpstreamConnections.Open(limits, isHttp2: true);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ForwardEnd> ForwardAsync(HttpContext context, Passage passage, InstanceRoute instance, bool isHttp2)
    {
        var transformer = (UpstreamTransformer)(passage.ForwarderState ??= new UpstreamTransformer(_forwarded, _time));
        transformer.Begin(context, passage);
        try
        {
            var error = await _forwarder.SendAsync(
                context,
                instance.Prefix,
                isHttp2 ? _http2 : _http1,
                isHttp2 ? Http2 : Http1,
                transformer,
                passage.Stopping.Token
            );
            if (passage.LongLived is WebSocketRelay relay)
            {
                await relay.SeeClientOffAsync(_clientsGoodbye, _time);
            }
            return error == ForwarderError.None ? ForwardEnd.Answered : EndOf(error, context, passage, transformer.IsWhole);
        }
        finally
        {
            transformer.Finish();
        }
    }

    public void Dispose()
    {
        _http1.Dispose();
        _http2.Dispose();
        _services.Dispose();
    }

    private static ForwardEnd EndOf(ForwarderError error, HttpContext context, Passage passage, bool isWhole) =>
        error switch
        {
            // The answer was whole; that the rest of the request's body was not wanted changes nothing.
            _ when isWhole => ForwardEnd.Answered,
            _ when passage.Stop != PassageStop.None => ForwardEnd.Stopped,
            _ when passage.LongLived is { IsEnding: true } => ForwardEnd.Answered,
            ForwarderError.RequestCanceled
            or ForwarderError.RequestBodyCanceled
            or ForwarderError.ResponseBodyCanceled
            or ForwarderError.UpgradeRequestCanceled
            or ForwarderError.UpgradeResponseCanceled
            or ForwarderError.ResponseBodyClient
            or ForwarderError.UpgradeRequestClient
            or ForwarderError.UpgradeResponseClient => ForwardEnd.ClientGone,
            ForwarderError.RequestBodyClient => OfClientsBody(context),
            ForwarderError.RequestCreation => ForwardEnd.BadBody,
            _ when passage.HeadAt != 0 => ForwardEnd.BrokenOff,
            _ when context.RequestAborted.IsCancellationRequested => ForwardEnd.ClientGone,
            _ => !passage.IsBodyTouched && IsUnsent(ExceptionOf(context)) ? ForwardEnd.Unsent : ForwardEnd.NoAnswer,
        };

    private static ForwardEnd OfClientsBody(HttpContext context) =>
        !context.RequestAborted.IsCancellationRequested && Find<BadHttpRequestException>(ExceptionOf(context)) is not null
            ? ForwardEnd.BadBody
            : ForwardEnd.ClientGone;

    private static Exception? ExceptionOf(HttpContext context) => context.Features.Get<IForwarderErrorFeature>()?.Exception;

    private static bool IsUnsent(Exception? exception) => Find<UnsentException>(exception) is not null;

    private static T? Find<T>(Exception? exception)
        where T : Exception =>
        exception switch
        {
            null => null,
            T found => found,
            AggregateException many => many.InnerExceptions.Select(Find<T>).FirstOrDefault(static found => found is not null),
            _ => Find<T>(exception.InnerException),
        };
}

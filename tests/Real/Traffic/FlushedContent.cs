using System.IO.Pipelines;
using System.Net;

namespace Teal.Tests.Real.Traffic;

/// <summary>A request body that is sent as it is written, piece by piece.</summary>
internal sealed class FlushedContent(PipeReader source) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        for (var isOver = false; !isOver; )
        {
            var read = await source.ReadAsync();
            foreach (var part in read.Buffer)
            {
                await stream.WriteAsync(part);
                await stream.FlushAsync();
            }
            source.AdvanceTo(read.Buffer.End);
            isOver = read.IsCompleted;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

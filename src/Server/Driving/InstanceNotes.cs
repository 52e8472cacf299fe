using Teal.Releases;
using Teal.Server.Journal;
using Teal.Server.Processes;

namespace Teal.Server.Driving;

/// <summary>Writes instances' comings and goings into the journal, so that the next server finds them again.</summary>
public sealed class InstanceNotes : IInstanceJournal
{
    private static readonly Origin Itself = new("teal", "server");

    private Func<string, ServerEvent, Origin, Task> _record = static (_, _, _) => Task.CompletedTask;

    /// <summary>Set once, before anything is started.</summary>
    public void Connect(Func<string, ServerEvent, Origin, Task> record) => _record = record;

    public void Starting(InstanceRecord instance) => Write(instance.Service, new InstanceStarted(instance));

    public void Started(InstanceRecord instance) => Write(instance.Service, new InstanceStarted(instance));

    // An instance's id begins with its service, and a service's name has no dot.
    public void Exited(string id, string why) => Write(id[..id.IndexOf('.', StringComparison.Ordinal)], new InstanceExited(id, why));

    /// <summary>Waits for the disk: the supervisor's loop may, the driver's never calls here.</summary>
    private void Write(string service, ServerEvent happened)
    {
        try
        {
#pragma warning disable VSTHRD002 // The contract is synchronous: a call that returns is on disk. No context is captured here.
            _record(service, happened, Itself).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        catch (Exception e) when (e is JournalException or System.Threading.Channels.ChannelClosedException)
        {
            // The disk is full, or the server stops. An instance without its line is found by its environment.
        }
    }
}

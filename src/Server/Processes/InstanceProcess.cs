using System.Runtime.InteropServices;

namespace Teal.Server.Processes;

/// <param name="Code">Null when a signal ended it, or nobody knows.</param>
public sealed record ExitStatus(int? Code, int? Signal)
{
    public static readonly ExitStatus Unknown = new(null, null);

    public string Words =>
        (Code, Signal) switch
        {
            ({ } code, _) => $"exited with code {code}",
            (_, { } signal) => $"was ended by {NameOf(signal)}",
            _ => "is gone; a process of an earlier server leaves no exit code",
        };

    private static string NameOf(int signal) =>
        signal switch
        {
            1 => "SIGHUP",
            2 => "SIGINT",
            6 => "SIGABRT (6)",
            9 => "SIGKILL (9): by hand, or by the kernel when memory ran out",
            11 => "SIGSEGV (11)",
            15 => "SIGTERM (15)",
            _ => $"signal {signal}",
        };
}

/// <summary>
/// A process that leads its own session, started by this server or by an earlier one. Everything it forked and that stayed in the
/// session ends with it.
/// </summary>
public sealed unsafe class InstanceProcess(int pid, long startTime, string instance)
{
    private ExitStatus? _exit;
    private bool _isReaped;

    public int Pid => pid;

    public long StartTime => startTime;

    /// <summary>Null while it runs. An own child stays a zombie until <see cref="Reap"/>, so that its number, and its group's, stays taken.</summary>
    public ExitStatus? Exit()
    {
        if (_exit is not null)
        {
            return _exit;
        }
        var answer = stackalloc byte[Libc.OpaqueBytes];
        new Span<byte>(answer, Libc.OpaqueBytes).Clear();
        if (Libc.WaitId(Libc.P_PID, pid, answer, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT) == 0)
        {
            var fields = (int*)answer;
            // siginfo_t: si_code at byte 8, si_pid at 16 (0 while the child runs), si_status at 24.
            _exit = fields[4] == 0 ? null : StatusOf(fields[2], fields[6]);
            return _exit;
        }
        // Not our child: an earlier server's, and init's by now.
        _isReaped = true;
        _exit = LeaderRuns() ? null : ExitStatus.Unknown;
        return _exit;
    }

    public void Terminate() => Signal(Libc.SIGTERM);

    public void Kill() => Signal(Libc.SIGKILL);

    /// <summary>True when nothing of the session runs any more.</summary>
    public bool IsOver() => Exit() is not null && Members().Count == 0;

    /// <summary>Lets go of the number. Only after the session was ended.</summary>
    public void Reap()
    {
        if (_isReaped || _exit is null)
        {
            return;
        }
        var answer = stackalloc byte[Libc.OpaqueBytes];
        _ = Libc.WaitId(Libc.P_PID, pid, answer, Libc.WEXITED | Libc.WNOHANG);
        _isReaped = true;
    }

    private static ExitStatus StatusOf(int code, int status) =>
        code == Libc.CLD_EXITED ? new ExitStatus(status, null) : new ExitStatus(null, status & 0x7f);

    private bool LeaderRuns() => ProcessReader.Read(pid) is { IsZombie: false } stat && stat.StartTime == startTime;

    private void Signal(int signal)
    {
        if (Exit() is null || !_isReaped)
        {
            _ = Libc.Kill(-pid, signal);
        }
        foreach (var member in Members())
        {
            // The group has it already; these left the group but not the session, or their leader is gone.
            if (member.Group != pid || _exit is not null)
            {
                _ = Libc.Kill(member.Pid, signal);
            }
        }
    }

    /// <summary>
    /// What runs in the session. Once its leader is gone and nobody holds its number, only what carries the instance's mark: the
    /// number may have been given to somebody else.
    /// </summary>
    private List<ProcessStat> Members()
    {
        var isOurs = _exit is null || !_isReaped;
        return
        [
            .. ProcessReader
                .All()
                .Where(stat => stat.Session == pid && !stat.IsZombie)
                .Where(stat => isOurs || ProcessReader.MarksOf(stat.Pid)?.Instance == instance),
        ];
    }
}

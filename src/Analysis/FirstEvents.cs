namespace Teal.Analysis;

/// <summary>
/// Whose first bad event is it in this window? One broken user tries again and again; only the first time is chance. Takes a fixed room:
/// when it is full the window ends early. Not safe for two threads at once: the owner holds its lock.
/// </summary>
public sealed class FirstEvents
{
    private readonly ulong[] _users;
    private readonly TimeSpan _window;
    private TimeSpan _ends;
    private int _known;

    /// <param name="mostUsers">Users that are told apart in one window.</param>
    /// <param name="window">The longer, the less one user counts; a whole stage where memory allows.</param>
    public FirstEvents(int mostUsers, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostUsers, 1);
        // Half empty: a search ends after few steps.
        _users = new ulong[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)mostUsers * 2)];
        (_window, _ends) = (window, window);
        MostUsers = mostUsers;
    }

    public int MostUsers { get; }

    /// <param name="user">A hash of who it is, evenly spread; two users with the same one count as one.</param>
    /// <param name="at">Since any fixed moment; it does not go back.</param>
    public bool IsFirst(ulong user, TimeSpan at)
    {
        if (at >= _ends || _known >= MostUsers)
        {
            Array.Clear(_users);
            (_known, _ends) = (0, at + _window);
        }
        // Zero is an empty place.
        user = user == 0 ? 1 : user;
        var mask = (ulong)_users.Length - 1;
        for (var place = user & mask; ; place = (place + 1) & mask)
        {
            if (_users[place] == user)
            {
                return false;
            }
            if (_users[place] == 0)
            {
                _users[place] = user;
                _known++;
                return true;
            }
        }
    }
}

namespace Teal.Tests.Real.Journal;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public ScratchFolder() => Path = Directory.CreateTempSubdirectory("teal-test-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Journal => this["journal.db"];

    /// <summary>Everything in it, into another folder: a state to be damaged again and again.</summary>
    public ScratchFolder Copy()
    {
        var copy = new ScratchFolder();
        foreach (var file in Directory.EnumerateFiles(Path))
        {
            // By reading and writing: a lock on the original is none of the copy's business.
            File.WriteAllBytes(copy[System.IO.Path.GetFileName(file)], File.ReadAllBytes(file));
        }
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

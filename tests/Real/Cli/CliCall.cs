using System.Text;
using Teal.Cli;
using Teal.Cli.Showing;
using Teal.Releases;

namespace Teal.Tests.Real.Cli;

/// <summary>A folder with a manifest, a canned server beside it, and the command line called in between.</summary>
internal sealed class CliCall : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SharedWriter _output = new();
    private readonly SharedWriter _error = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("teal-cli-");

    public CliCall()
    {
        Directory.CreateDirectory(Path.Combine(Folder, ".teal"));
        File.WriteAllText(Path.Combine(Folder, "teal.yaml"), "service: shop\n");
        File.WriteAllText(Path.Combine(Folder, "server"), "#!/bin/sh\n");
    }

    public string Folder => _folder.FullName;
    public string State => Path.Combine(Folder, ".teal");
    public string Output => _output.ToString();
    public string Error => _error.ToString();
    public int Exit { get; private set; }
    public IReadOnlyList<string> ManifestErrors { get; init; } = [];
    public IReadOnlyList<string> Command { get; init; } = ["./server"];
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public async Task<CliCall> RunAsync(string line, CancellationToken stop = default)
    {
        _output.Clear();
        _error.Clear();
        Exit = await new TealCommand(Around()).RunAsync(line.Split(' '), stop);
        return this;
    }

    /// <summary>Until a command that goes on beside the test has said so.</summary>
    public async Task SaysAsync(string words)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!Output.Contains(words, StringComparison.Ordinal))
        {
            Assert.False(patience.IsCancellationRequested, $"not said within {Patience}: {words}\n{Output}\n{Error}");
            await Task.Delay(10);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Surroundings Around() => new(_ => null, Folder, _output, _error, null, new ScreenKind(false, false, 0), Time, Seams());

    private Seams Seams() =>
        Teal.Cli.Seams.Built() with
        {
            ReadManifest = (_, _, _) =>
                new ManifestReading(
                    ManifestErrors.Count > 0
                        ? null
                        : new Manifest
                        {
                            Service = "shop",
                            Run = new RunSection { Command = Command },
                        },
                    ManifestErrors
                ),
            Fingerprint = _ => "0123456789abcdef0123456789abcdef",
            WriteTar = (_, stream, stop) => stream.WriteAsync(Encoding.ASCII.GetBytes(new string('t', 10_240)), stop).AsTask(),
        };

    /// <summary>Written by the command while the test reads.</summary>
    private sealed class SharedWriter : TextWriter
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_lock)
            {
                _text.Append(value);
            }
        }

        public override void Write(char[] buffer, int index, int count)
        {
            lock (_lock)
            {
                _text.Append(buffer, index, count);
            }
        }

        public override void Write(string? value)
        {
            lock (_lock)
            {
                _text.Append(value);
            }
        }

        public void Clear()
        {
            lock (_lock)
            {
                _text.Clear();
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace Teal.Tests.Real.Flags;

/// <summary>The npm package <c>@openfeature/flagd-core</c> in a node process, asked line by line.</summary>
internal sealed class FlagdNode : IDisposable
{
    private readonly Process _node;

    private FlagdNode(Process node) => _node = node;

    public static FlagdNode Start()
    {
        var start = new ProcessStartInfo("node", [Path.Combine(NodeClients.Folder, "flagd-answers.mjs")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new FlagdNode(Process.Start(start)!);
    }

    /// <summary>Asks for all of them while the answers are read, so that neither pipe fills up.</summary>
    /// <param name="deadline">Ends the wait when node has died or hangs.</param>
    public async Task<List<JsonElement>> AskAsync(IReadOnlyList<string> questions, CancellationToken deadline)
    {
        var asking = Task.Run(
            async () =>
            {
                foreach (var question in questions)
                {
                    await _node.StandardInput.WriteLineAsync(question.AsMemory(), deadline);
                }
                await _node.StandardInput.FlushAsync(deadline);
            },
            deadline
        );
        var answers = new List<JsonElement>(questions.Count);
        while (answers.Count < questions.Count)
        {
            var line = await _node.StandardOutput.ReadLineAsync(deadline) ?? throw new InvalidOperationException("node ended early.");
            answers.Add(JsonElement.Parse(line));
        }
        await asking;
        return answers;
    }

    public void Dispose()
    {
        _node.Kill();
        _node.WaitForExit();
        _node.Dispose();
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Teal.Cli.Verbs;
using Teal.Wire;

namespace Teal.Cli;

/// <summary>The whole command line: every verb and noun, parsed and run.</summary>
public sealed class TealCommand
{
    private const string About =
        "Releases a version of a web service without users noticing: share by share, under guard, with a way back.";

    private const string RootExamples = """
          teal init                        write a commented teal.yaml
          teal server run                  run the server in the foreground
          teal deploy v2 --from ./out      release a folder as v2
          teal rollback                    back to the previous version, at once

        Exit codes:
          0 done                           5 conflict: another release, a stale plan
          1 internal error, no server      6 not switched, users saw nothing
          2 usage or configuration         7 rolled back
          3 changes (--exit-on-change)     8 needs a person
          4 not allowed                    9 the wait is over, the release goes on
                                         130 interrupted, the release goes on

        The server is found by --server, else $TEAL_HOME/teal.sock, else .teal/teal.sock
        in this folder. Over TCP a token is sent, from TEAL_TOKEN or TEAL_TOKEN_FILE.
        """;

    private readonly RootCommand _root = new(About);
    private readonly VerbRunner _verbs;
    private readonly Surroundings _around;

    public TealCommand(Surroundings around)
    {
        _around = around;
        var globals = new GlobalOptions();
        _verbs = new VerbRunner(around, globals);
        foreach (var option in globals.All)
        {
            _root.Add(option);
        }
        foreach (var command in Commands())
        {
            _root.Add(command);
        }
        var help = _root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples(around.Screen.Columns);
    }

    /// <summary>Parses without running; for tests.</summary>
    // No @file arguments: a name that begins with @ is wrong, not a file to read.
    public ParseResult Parse(IReadOnlyList<string> arguments) =>
        _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = true });

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var parsed = Parse(arguments);
        if (AsksForHelp(arguments))
        {
            parsed = Parse([.. PathOf(parsed.CommandResult).Skip(1), "--help"]);
        }
        var output = new InvocationConfiguration
        {
            Output = _around.Output,
            Error = _around.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (parsed.Action is not (null or ParseErrorAction) && (parsed.Action is HelpWithExamples || UnknownOption(parsed) is null))
        {
            return await InvokeAsync(parsed, output, stop);
        }
        return arguments.Count == 0 ? Help(output) : (int)_verbs.Tell(parsed, Misunderstanding(parsed));
    }

    private IEnumerable<Command> Commands()
    {
        yield return InitVerb.In(_verbs);
        yield return PlanVerb.In(_verbs);
        yield return DeployVerb.In(_verbs);
        yield return StatusVerb.In(_verbs);
        yield return WatchVerb.In(_verbs);
        yield return PromoteVerb.In(_verbs);
        yield return PauseVerb.In(_verbs);
        yield return ResumeVerb.In(_verbs);
        yield return RollbackVerb.In(_verbs);
        yield return AbortVerb.In(_verbs);
        yield return LogsVerb.In(_verbs);
        yield return HistoryVerb.In(_verbs);
        yield return AuditVerb.In(_verbs);
        yield return DoctorVerb.In(_verbs);
        yield return FlagVerbs.In(_verbs);
        yield return ProxyVerbs.In(_verbs);
        yield return ServerVerbs.In(_verbs);
        yield return TokenVerbs.In(_verbs);
        yield return ConfigVerbs.In(_verbs);
        yield return CompletionVerb.In(_verbs);
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, InvocationConfiguration output, CancellationToken stop)
    {
        try
        {
            var exit = await parsed.InvokeAsync(output, stop);
            // The library's own answers, as --version, are written and not flushed.
            await output.Output.FlushAsync(CancellationToken.None);
            return exit;
        }
        catch (IOException)
        {
            // `teal --help | head`: whoever read it has read enough.
            return (int)ExitCode.Done;
        }
    }

    private int Help(InvocationConfiguration output)
    {
        Parse(["--help"]).Invoke(output);
        return (int)ExitCode.Usage;
    }

    /// <summary>Anywhere on the line, even where a value should stand: who writes --help wants help.</summary>
    private static bool AsksForHelp(IReadOnlyList<string> arguments) =>
        arguments.TakeWhile(argument => argument != "--").Any(argument => argument is "--help" or "-h" or "-?");

    private static CliException Misunderstanding(ParseResult parsed)
    {
        var unknown = UnknownOption(parsed) ?? (parsed.UnmatchedTokens is [var first, ..] ? first : null);
        var what = unknown is null ? parsed.Errors[0].Message : $"\"{unknown}\" is not known here.";
        var meant = unknown is null ? null : Nearest.To(unknown, Known(parsed.CommandResult.Command));
        return CliException.Usage(
            "TEAL7002",
            what,
            meant is null ? null : $"Did you mean {meant}?",
            $"{string.Join(' ', PathOf(parsed.CommandResult))} --help"
        );
    }

    /// <summary>A mistyped option must not become the name of a version.</summary>
    private static string? UnknownOption(ParseResult parsed) =>
        parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .FirstOrDefault(value => value.Length > 1 && value[0] == '-');

    private static Stack<string> PathOf(SymbolResult? result)
    {
        var names = new Stack<string>();
        for (; result is CommandResult command; result = command.Parent)
        {
            names.Push(command.Command is RootCommand ? "teal" : command.Command.Name);
        }
        return names;
    }

    private static IEnumerable<string> Known(Command command) =>
        command
            .Subcommands.Select(verb => verb.Name)
            .Concat(command.Options.Select(option => option.Name))
            .Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Select(option => option.Name));

    /// <summary>The library's help, then the examples.</summary>
    private sealed class HelpWithExamples(int columns) : SynchronousCommandLineAction
    {
        private readonly HelpAction _inner = new() { MaxWidth = columns > 0 ? Math.Max(columns, 40) : 110 };

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            _inner.Invoke(parseResult);
            var examples = parseResult.CommandResult.Command is VerbCommand verb ? verb.Examples : RootExamples;
            if (examples.Length > 0)
            {
                parseResult.InvocationConfiguration.Output.Write($"Examples:\n{examples}\n");
            }
            parseResult.InvocationConfiguration.Output.Flush();
            return (int)ExitCode.Done;
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli;

internal delegate Task<ExitCode> VerbBody(Desk desk, ParseResult parsed, CancellationToken stop);

/// <summary>A command with the examples that its help shows.</summary>
internal sealed class VerbCommand(string name, string sentence, string examples) : Command(name, sentence)
{
    public string Examples { get; } = examples;
}

/// <summary>Makes commands of verbs, and is the one door at which a failure becomes a message and an exit code.</summary>
internal sealed class VerbRunner(Surroundings around, GlobalOptions globals)
{
    public Surroundings Around { get; } = around;

    public Command Verb(string name, string sentence, string examples, IEnumerable<Symbol> symbols, VerbBody body)
    {
        var command = new VerbCommand(name, sentence, examples);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Option option:
                    command.Add(option);
                    break;
                case Argument argument:
                    command.Add(argument);
                    break;
                default:
                    throw new ArgumentException($"{symbol.Name} is neither an option nor an argument.", nameof(symbols));
            }
        }
        command.SetAction(async (parsed, stop) => (int)await RunAsync(parsed, body, stop));
        return command;
    }

    public static Command Noun(string name, string sentence, params Command[] verbs)
    {
        var noun = new VerbCommand(name, sentence, "");
        foreach (var verb in verbs)
        {
            noun.Add(verb);
        }
        return noun;
    }

    /// <summary>The service is taken from the manifest unless this says otherwise.</summary>
    public static Option<string> ServiceOption() =>
        new("--service", "-s") { HelpName = "NAME", Description = "The service (default: the manifest's)" };

    /// <summary>Tells of a failure in the format that was asked for.</summary>
    public ExitCode Tell(ParseResult parsed, CliException failure)
    {
        var screen = new Screen(Around.Output, Around.Error, Around.Screen with { HasColor = false });
        var format = failure.Code == "TEAL7003" ? OutputFormat.Text : globals.FormatOrText(parsed, Around);
        if (format == OutputFormat.Text)
        {
            FailureText.Of(failure).ToList().ForEach(screen.Error);
            return failure.Exit;
        }
        var view = new FailedView(
            1,
            new FailedError(failure.Code, failure.What, failure.Why, failure.Places),
            (int)failure.Exit,
            failure.Next
        );
        screen.Raw(
            format == OutputFormat.Json
                ? JsonText.Indented(view, CliJson.Default.FailedView)
                : JsonSerializer.Serialize(view, CliJson.Default.FailedView)
        );
        return failure.Exit;
    }

    private async Task<ExitCode> RunAsync(ParseResult parsed, VerbBody body, CancellationToken stop)
    {
        try
        {
            var settings = globals.Read(parsed, Around);
            var kind = Around.Screen with { HasColor = Around.Screen.HasColor && !settings.NoColor };
            using var desk = new Desk(settings, Around, new Screen(Around.Output, Around.Error, kind));
            return await body(desk, parsed, stop);
        }
        catch (CliException failure)
        {
            return Tell(parsed, failure);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Tell(parsed, new CliException(ExitCode.Interrupted, "TEAL7017", "Interrupted.") { Next = ["teal status"] });
        }
        catch (Exception e)
        {
            return Unexpected(parsed, e);
        }
    }

    private ExitCode Unexpected(ParseResult parsed, Exception e)
    {
        var isVerbose = globals.IsVerbose(parsed);
        var failure = new CliException(ExitCode.InternalError, "TEAL7001", $"Something in teal itself failed: {e.Message}")
        {
            Next = isVerbose ? [] : ["the same command with -v shows where"],
        };
        Tell(parsed, failure);
        if (isVerbose)
        {
            new Screen(Around.Output, Around.Error, Around.Screen).ErrorTrace(e.ToString());
        }
        return failure.Exit;
    }
}

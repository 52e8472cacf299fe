using System.CommandLine;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal completion</c>: a script that lets the shell ask teal itself what may come next.</summary>
internal static class CompletionVerb
{
    private const string Examples = """
          source <(teal completion bash)                               now; in ~/.bashrc: always
          teal completion zsh > "${fpath[1]}/_teal"
          teal completion fish > ~/.config/fish/completions/teal.fish
        """;

    private const string Bash = """
        _teal() {
          local word="${COMP_WORDS[COMP_CWORD]}" found
          COMPREPLY=()
          while IFS= read -r found; do
            [[ $found == "$word"* ]] && COMPREPLY+=("$found")
          done < <("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
        }
        complete -o default -F _teal teal
        """;

    private const string Zsh = """
        #compdef teal
        _teal() {
          local -a found
          local line="${(j: :)words[1,CURRENT]}"
          found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          compadd -- $found || _files
        }
        compdef _teal teal
        """;

    private const string Fish = """
        function __teal_complete
          set -l line (commandline -cp)
          teal "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c teal -a '(__teal_complete)'
        """;

    public static Command In(VerbRunner verbs)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.CompletionSources.Add("bash", "zsh", "fish");
        return verbs.Verb(
            "completion",
            "A completion script for the shell",
            Examples,
            [shell],
            (desk, parsed, _) =>
            {
                desk.Screen.Raw(Script(parsed.GetRequiredValue(shell)));
                return Task.FromResult(ExitCode.Done);
            }
        );
    }

    private static string Script(string shell) =>
        shell switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => throw GlobalOptions.Wrong("SHELL", shell, "write bash, zsh or fish"),
        };
}

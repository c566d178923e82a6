using System.CommandLine;

namespace Orchestrator.Cli.Commands;

internal sealed class CompletionCommand : OrcCommand
{
    private readonly Argument<string> _shell = new("shell") { HelpName = "bash|zsh|fish" };

    public CompletionCommand(string name, string summary) : base(name, summary)
    {
        Usage = "(bash | zsh | fish)";
        Details = "The script asks orc for candidates: commands, options, kinds, and names of objects from the server.";
        Examples = """
            # For this shell
            source <(orc completion bash)

            # For good
            orc completion bash > /etc/bash_completion.d/orc
            orc completion zsh > "${fpath[1]}/_orc"
            orc completion fish > ~/.config/fish/completions/orc.fish
            """;
        Add(_shell);
        _shell.CompletionSources.Add("bash", "zsh", "fish");
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        await invocation.Out.WriteAsync(invocation.Get(_shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            var shell => throw new CommandException($"unsupported shell type \"{shell}\""),
        });
        return ExitCodes.Success;
    }

    // Words are taken from the line itself: bash's own COMP_WORDS are split at ':' and '='.
    private const string Bash = """
        # bash completion for orc
        _orc_complete() {
            local line="${COMP_LINE:0:COMP_POINT}" words current
            read -r -a words <<< "$line"
            [[ "$line" == *[[:space:]] ]] && words+=("")
            current="${words[${#words[@]}-1]}"
            local IFS=$'\n'
            COMPREPLY=($(orc __complete -- "${words[@]:1}" 2>/dev/null))
            # Readline replaces only what follows the last word break.
            local word="${COMP_WORDS[COMP_CWORD]}"
            if [[ "$current" != "$word" && "$current" == *[:=]* ]]; then
                local prefix="${current%"${current##*[:=]}"}"
                COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
            fi
            [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *[/=] ]] && compopt -o nospace
            return 0
        }
        complete -o default -F _orc_complete orc

        """;

    private const string Zsh = """
        #compdef orc
        _orc() {
            local -a candidates
            candidates=(${(f)"$(orc __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
            if (( ${#candidates} )); then
                compadd -S '' -q -- ${(M)candidates:#*[/=]}
                compadd -- ${candidates:#*[/=]}
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = "_orc" ]; then _orc "$@"; else compdef _orc orc; fi

        """;

    private const string Fish = """
        # fish completion for orc
        function __orc_complete
            set -l words (commandline -opc) (commandline -ct)
            orc __complete -- $words[2..-1] 2>/dev/null
        end
        complete -c orc -a '(__orc_complete)'

        """;
}

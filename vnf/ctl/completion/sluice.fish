# SPDX-License-Identifier: Apache-2.0
# fish completion for sluicectl and sluice-orch, which name the candidates themselves, from the tables that parse their
# command lines.

function __sluice_candidates
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l option (string match -r -- '^--[^=]*=' "$word")
    set -l candidates ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
    if test "$candidates[1]" = :files
        set candidates (__fish_complete_path (string replace -- "$option" '' "$word"))
    end
    # A value takes the place of the whole word, option and all.
    for candidate in $candidates
        echo -- "$option$candidate"
    end
end

complete -c sluicectl -f -a '(__sluice_candidates)'
complete -c sluice-orch -f -a '(__sluice_candidates)'

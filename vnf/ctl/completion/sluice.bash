# SPDX-License-Identifier: Apache-2.0
# bash completion for sluicectl and sluice-orch, which name the candidates themselves, from the tables that parse their
# command lines.

_sluice() {
	local line=${COMP_LINE:0:COMP_POINT} words word i
	read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=("")
	mapfile -t COMPREPLY < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
	word=${words[-1]}
	if [[ ${COMPREPLY[0]} == :files ]]; then
		[[ $word != --*=* ]] || word=${word#*=}
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames 2>/dev/null
	fi
	# Readline replaces what follows the last colon, a break between words for it: take off what stands before.
	[[ $word == *:* && $COMP_WORDBREAKS == *:* ]] || return 0
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"${word%"${word##*:}"}"}
	done
}

complete -F _sluice sluicectl sluice-orch

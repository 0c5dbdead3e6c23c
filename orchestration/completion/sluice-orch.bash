# SPDX-License-Identifier: Apache-2.0
# bash completion for sluice-orch. Commands and names come from sluice-orch itself: nothing to keep in step.

_sluice_orch() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=() i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-f | --file | -o | --output | --image | --connect | --replica) ((i++)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case $previous in
	-f | --file | --image)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null
		return
		;;
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -W "table json" -- "$current")
		return
		;;
	esac
	if [[ $current == -* ]]; then
		local options="--help"
		case ${words[0]} in
		check | up | scale) options+=" --file" ;;
		heal) options+=" --file --once" ;;
		upgrade) options+=" --file --image" ;;
		xml) options+=" --file --replica" ;;
		down) options+=" --file --connect" ;;
		status) options+=" --file --output --connect" ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
		return
	fi
	case ${#words[@]}:${words[0]} in
	0:) mapfile -t COMPREPLY < <(compgen -W "check up status scale heal upgrade down xml version help" -- "$current") ;;
	1:help) mapfile -t COMPREPLY < <(compgen -W "check up status scale heal upgrade down xml version" -- "$current") ;;
	1:down | 1:status)
		mapfile -t COMPREPLY < <(compgen -W "$(sluice-orch status -o json 2>/dev/null |
			sed -n 's/.*"vnf": "\([^"]*\)".*/\1/p' | sort -u)" -- "$current")
		;;
	esac
}

complete -F _sluice_orch sluice-orch

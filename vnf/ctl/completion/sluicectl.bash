# SPDX-License-Identifier: Apache-2.0
# bash completion for sluicectl. Kinds, names and transactions come from sluicectl itself: nothing to keep in step.

_sluicectl_kinds() {
	sluicectl show --help 2>/dev/null | sed -n 's/^Kinds: //p'
}

# The keys of a kind, from the server that the line so far names.
_sluicectl_keys() {
	sluicectl "${server[@]}" --timeout 2 show "$1" -o json 2>/dev/null |
		sed -n 's/.*"key": "\([^"]*\)", "owner": .*/\1/p'
}

_sluicectl() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=() server=() i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--server)
			server=(--server "${COMP_WORDS[++i]}")
			# A word break at ':' makes three words of unix:/path.
			while [[ ${COMP_WORDS[i + 1]} == :* || ${COMP_WORDS[i]} == : ]] && ((i + 1 < COMP_CWORD)); do
				server[1]+=${COMP_WORDS[++i]}
			done
			;;
		--owner | --tls-ca | --tls-cert | --tls-key | --timeout | --output | -o | --file | -f | --vrf | --next-hop-group | --idle | --expected-revision) ((i++)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case $previous in
	-f | --file | --tls-ca | --tls-cert | --tls-key)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null
		return
		;;
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -W "table wide yaml json" -- "$current")
		return
		;;
	--next-hop-group)
		mapfile -t COMPREPLY < <(compgen -W "$(_sluicectl_keys next-hop-group)" -- "$current")
		return
		;;
	--vrf)
		mapfile -t COMPREPLY < <(compgen -W "$(_sluicectl_keys vrf)" -- "$current")
		return
		;;
	esac
	if [[ $current == -* ]]; then
		local options="--server --tls-ca --tls-cert --tls-key --owner --timeout --no-color --help"
		case ${words[0]} in
		apply) options+=" --file --yes --dry-run --expected-revision --prune" ;;
		diff) options+=" --file --expected-revision --prune" ;;
		show) options+=" --output --vrf --all" ;;
		load) options+=" --vrf --next-hop-group --expected-revision" ;;
		delete) options+=" --yes --dry-run --expected-revision" ;;
		status | preflight) options+=" --output" ;;
		tx) options+=" --file --idle --expected-revision" ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
		return
	fi
	case ${#words[@]}:${words[0]} in
	0:) mapfile -t COMPREPLY < <(compgen -W "apply load diff show delete tx status preflight version help" -- "$current") ;;
	1:tx) mapfile -t COMPREPLY < <(compgen -W "begin stage validate commit abort" -- "$current") ;;
	1:help) mapfile -t COMPREPLY < <(compgen -W "apply load diff show delete tx status preflight version" -- "$current") ;;
	1:load)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null
		;;
	1:show) mapfile -t COMPREPLY < <(compgen -W "all counters drops ports limits $(_sluicectl_kinds)" -- "$current") ;;
	1:delete) mapfile -t COMPREPLY < <(compgen -W "$(_sluicectl_kinds)" -- "$current") ;;
	*:preflight) mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$current") ;;
	2:show | 2:delete) mapfile -t COMPREPLY < <(compgen -W "$(_sluicectl_keys "${words[1]}")" -- "$current") ;;
	esac
}

complete -F _sluicectl sluicectl

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the packages give to shells: bash, zsh and fish offer what the program itself names, in a terminal of their own.
. "$(dirname "$0")/lib.sh"

need_packages
tree=$lab/tree
unpack "$tree" sluicectl sluice-orch
export PATH=$tree/usr/bin:$PATH HOME=$lab TERM=dumb
mkdir "$lab/folder"
cd "$lab/folder"
touch first.yaml second.yaml

offers_bash() {
	# shellcheck disable=SC2016 # it is bash -c that expands them
	bash --norc -c '
		. "$1"
		read -ra COMP_WORDS <<<"$2"
		COMP_LINE=$2 COMP_POINT=${#2}
		_sluice
		printf "%s\n" "${COMPREPLY[@]}"' bash "$tree/usr/share/bash-completion/completions/${1%% *}" "$1"
}

offers_fish() {
	# shellcheck disable=SC2016 # it is fish that expands them
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$tree/usr/share/fish/vendor_completions.d/${1%% *}.fish" "$1"
}

# zsh completes in a terminal only: what it hands to its list is written down instead.
offers_zsh() {
	: >"$lab/offered"
	# shellcheck disable=SC2016 # it is zsh that expands them
	timeout 30 zsh -f -c '
		zmodload zsh/zpty
		zpty shell zsh -f -i
		zpty -w shell "PS1= PATH=$PATH; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D
			compadd() {
				local -a found
				builtin compadd -O found \"\$@\"
				print -rl -- \$IPREFIX\$^found >>$2
				builtin compadd \"\$@\"
			}
			bindkey \"^X\" end-of-test; end-of-test() { print -r EN\"\"D }; zle -N end-of-test; print REA\"\"DY"
		while zpty -r shell line; do [[ $line != *READY* ]] || break; done
		zpty -w -n shell "$3"$'"'\\t\\x18'"'
		while zpty -r shell line; do [[ $line != *END* ]] || break; done
		zpty -d shell' zsh "$tree/usr/share/zsh/vendor-completions" "$lab/offered" "$1" >"$lab/zsh.log" 2>&1 ||
		fail "zsh: $(cat "$lab/zsh.log")"
	cat "$lab/offered"
}

# offer LINE CANDIDATE...: what each shell offers at the end of the line, for a whole word, in any order.
offer() {
	local line=$1 shell
	shift
	for shell in bash zsh fish; do
		equal "$("offers_$shell" "$line" | cut -f 1 | grep . | sort -u | xargs)" "$*" "what $shell offers for \"$line\""
	done
}

offer 'sluicectl s' show status stream
offer 'sluicectl apply --dr' --dry-run
offer 'sluicectl apply -f fi' first.yaml
offer 'sluice-orch up -' "$(sluice-orch __complete up - | sort -u | xargs)"
offer 'sluicectl nonsense ' ''

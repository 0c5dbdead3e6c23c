#compdef sluicectl sluice-orch
# SPDX-License-Identifier: Apache-2.0
# zsh completion for sluicectl and sluice-orch, which name the candidates themselves, from the tables that parse their
# command lines.

local -a candidates
candidates=(${(f)"$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)"})
[[ $PREFIX != --*=* ]] || compset -P '*='
if [[ ${candidates[1]} == :files ]]; then
	_files
else
	compadd -a candidates
fi

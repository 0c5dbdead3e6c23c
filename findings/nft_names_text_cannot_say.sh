#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nft 1.0.6 (Debian 12, 1.0.6-2+deb12u2): a rule set that was made by its JSON interface may be one that its own text
# listing cannot bring back, and that its text commands can neither name nor delete.
#
# The words of nft's grammar are no names in its text form: `policy`, `limit`, `counter` and so on; quotes do not help.
# In JSON (libnftables-json(5)) they are names like all others, and so they are for the kernel. `nft list ruleset` prints
# them bare, with exit status 0, and `nft -f` refuses what it printed as a syntax error; a saved rule set is then not
# restored at boot. The JSON listing of the same rule set does load.
#
# Who meets it: programs that write rules by JSON with names of their users' choice, beside hosts that keep their rules
# with `nft list ruleset > /etc/nftables.conf`.
#   findings/nft_names_text_cannot_say.sh     exit 0: as described; 1: it is different now. As root: a namespace of its own.
set -euo pipefail
packages=(nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2 libmnl0=1.0.4-3
	libjansson4=2.14-2 libxtables12=1.8.9-2 libedit2=3.1-20221030-2 libgmp10=2:6.2.1+dfsg1-1.1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo "installs ${packages[*]} into a temporary folder" >&2
apt-get -q download "${packages[@]}" >apt.log 2>&1 || { cat apt.log >&2; echo "cannot get the packages" >&2; exit 2; }
for package in ./*.deb; do dpkg -x "$package" root; done
lib=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
export LD_LIBRARY_PATH=$work/root/usr/lib/$lib:$work/root/lib/$lib
export PATH=$work/root/usr/sbin:$PATH

cat >made.json <<'END'
{"nftables": [{"add": {"table": {"family": "inet", "name": "policy"}}},
              {"add": {"chain": {"family": "inet", "table": "policy", "name": "limit"}}}]}
END
cat >steps.sh <<'END'
said() { "$@" >>said.log 2>&1 && echo yes || echo no; }
nft --version | cut -d' ' -f1,2
echo "JSON makes table policy and chain limit: $(said nft -j -f made.json)"
nft list ruleset >listed.nft && grep -o 'table inet policy\|chain limit' listed.nft
nft -j list ruleset >listed.json
echo "the text listing loads: $(said nft -c -f listed.nft)"
echo "text deletes the table: $(said nft delete table inet policy)"
echo "text deletes the table, quoted: $(said nft 'delete table inet "policy"')"
nft flush ruleset
echo "the JSON listing loads: $(said nft -j -f listed.json)"
END
unshare --net bash steps.sh | tee seen
diff - seen <<'END'
nftables v1.0.6
JSON makes table policy and chain limit: yes
table inet policy
chain limit
the text listing loads: no
text deletes the table: no
text deletes the table, quoted: no
the JSON listing loads: yes
END

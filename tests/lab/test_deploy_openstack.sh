#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/deploy-openstack.md, command by command. "openstack" is tests/heat/openstack: the client's own parser, and Heat's
# own engine for stacks. What Heat renders for the router is laid down here as cloud-init would, and is what it runs by;
# the rest of the page, TLS, tenant and packets, is real.
#
#                        controller eth0 192.0.2.100 --- eth0 192.0.2.11 router
#   host (vx100, 10.0.0.10) eth0 172.16.0.21 --- port1 dataplane port2 --- eth0 198.51.100.10 service
. "$(dirname "$0")/lib.sh"

page=$root/docs/deploy-openstack.md
guest=$lab/guest # the router's file system

# The commands, in a folder that looks like the tree.
mkdir -p "$lab/bin" "$lab/tree" "$lab/cloud" "$guest/run/sluice"
for folder in heat-templates tests vnf; do ln -s "$root/$folder" "$lab/tree/$folder"; done
ln -s "$root/tests/heat/openstack" "$sluicectl" "$lab/bin/"
# The part vm builds the image; here the command must exist, and a header stands for the image.
cat >"$lab/bin/sudo" <<'EOF'
#!/bin/sh
[ "$*" = "vnf/image/build.sh -o sluice.qcow2" ] && [ -x "$1" ] || exit 1
{ printf 'QFI\373\0\0\0\3'; head -c 16 /dev/zero; printf '\0\0\0\0\200\0\0\0'; head -c 4096 /dev/zero; } >sluice.qcow2
EOF
chmod +x "$lab/bin/sudo"

add_ns controller router dataplane host service
add_link controller eth0 router eth0
add_link host eth0 dataplane port1
add_link dataplane port2 service eth0
address controller eth0 192.0.2.100/24
address router eth0 192.0.2.11/24
address host eth0 172.16.0.21/24
address service eth0 198.51.100.10/24

# boot USER_DATA: its files, its addresses, its daemon, its day 0.
boot() {
	/usr/bin/python3 - "$1" "$guest" <<'EOF'
import os, sys, yaml
for file in yaml.safe_load(open(sys.argv[1]))["write_files"]:
    path = sys.argv[2] + file["path"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as written:
        written.write(file["content"])
EOF
	sed -i "s|/etc/sluice|$guest/etc/sluice|; s|/run/sluice|$guest/run/sluice|; s|namespace: dataplane|namespace: $(ns dataplane)|" \
		"$guest/etc/sluice/sluice.yaml"
	ip -n "$(ns dataplane)" -batch "$guest/etc/sluice/dataplane.ip"
	spawn sluiced router "$sluiced" -c "$guest/etc/sluice/sluice.yaml"
	wait_for 30 "the router" "$sluicectl" --server "unix:$guest/run/sluice/sluice.sock" status
	"$sluicectl" --server "unix:$guest/run/sluice/sluice.sock" --owner day0 apply -y -f "$guest/etc/sluice/day0.yaml" \
		>"$lab/day0.log" 2>&1 || fail "day 0: $(cat "$lab/day0.log")"
}

# Each block of the page into a file of its own: NUMBER.bash, NUMBER.bash-host, ...
awk -v to="$lab/block" '
	/^```bash/ { file = sprintf("%s.%02d.%s", to, ++count, substr($0, 4)); gsub(" ", "-", file); next }
	/^```/ { file = "" }
	file { print > file }' "$page"

# Variables live on from block to block, as in one shell.
: >"$lab/environment"
export SLUICE_CLOUD=$lab/cloud
blocks=0
for block in "$lab"/block.*; do
	case $block in
	*.bash) namespace=controller ;;
	*.bash-host) namespace=host ;;
	*.bash-service) namespace=service ;;
	*) fail "$page: who runs the block ${block##*.}?" ;;
	esac
	at "$namespace" env -C "$lab/tree" "PATH=$lab/bin:$PATH" bash -ec "
		set -a; . '$lab/environment'; PATH=$lab/bin:\$PATH
		. '$block' </dev/null
		[ $namespace != controller ] || export -p >'$lab/environment'" >"$lab/block.log" 2>&1 ||
		fail "$page: $(cat "$block" "$lab/block.log")"
	blocks=$((blocks + 1))
	if [ -e "$lab/cloud/sluice.0.user-data" ] && [ ! -e "$lab/sluiced.pid" ]; then
		boot "$lab/cloud/sluice.0.user-data"
	fi
done
echo "$blocks blocks of commands ran"
[ "$blocks" -ge 15 ] || fail "only $blocks blocks found"

# The pings of the page went through the tunnel and the XDP program.
ctl() { "$sluicectl" --server "unix:$guest/run/sluice/sluice.sock" "$@"; }
packets=$(state tunnel_endpoint host counters.packets)
[ "$packets" -ge 3 ] || fail "$packets packets decapsulated"
echo "$packets packets decapsulated"

# gRPC answers only clients with a certificate.
at controller env -u SLUICE_TLS_CERT "$sluicectl" --server 192.0.2.11:50051 --tls-ca "$lab/tree/ca.crt" --timeout 5 status \
	>"$lab/refused" 2>&1 && fail "a client without a certificate got in"
stop_sluiced

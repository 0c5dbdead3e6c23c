#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sfcapd 1.7.1 (nfdump, Debian 12, 1.7.1-2+deb12u1): a sample that names a VNI is lost, with all behind it in its datagram.
#
# sFlow v5 lets a flow sample have any number of records, each with its length, so that a collector steps over those that
# it does not know. "sFlow Tunnel Structures" (sflow.org) has records for the VNI of a VXLAN or Geneve packet, of four bytes
# (extended_vni_egress and _ingress, formats 1029 and 1030). This collector gives up at such a record: of a datagram with
# two samples none is kept where the first has a VNI. A record of a format that nobody has defined it steps over as it
# should.
#
# Who meets it: an exporter at the end of tunnels, whose collector then counts too little traffic. Sampled rates are scaled
# up, so that the loss looks like less traffic, not like an error.
#   findings/sfcapd_vni_record.sh     exit 0: as described; 1: it is different now
set -euo pipefail
packages=(nfdump=1.7.1-2+deb12u1 nfdump-sflow=1.7.1-2+deb12u1)
port=$((20000 + $$ % 20000))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo "installs ${packages[*]} into a temporary folder" >&2
apt-get -q download "${packages[@]}" >apt.log 2>&1 || { cat apt.log >&2; echo "cannot get the packages" >&2; exit 2; }
for package in ./*.deb; do dpkg -x "$package" root; done
lib=$work/root/usr/lib arch=$(gcc -print-multiarch)
export LD_LIBRARY_PATH=$lib:$lib/$arch PATH=$work/root/usr/bin:$PATH

cat >send.py <<'END'
import socket, struct, sys
port, record = int(sys.argv[1]), int(sys.argv[2])
def words(*numbers): return struct.pack(f"!{len(numbers)}I", *numbers)
def item(kind, body): return words(kind, len(body)) + body
def frame(source):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, bytes([192, 0, 2, source]), bytes([198, 51, 100, 1]))
    return bytes(12) + b"\x08\x00" + ip + struct.pack("!HHHH", 1000, 2000, 8, 0)
def sample(source, *records):
    header = frame(source)
    raw = item(1, words(1, len(header) + 4, 4, len(header)) + header + bytes(-len(header) % 4))
    return item(1, words(source, 1, 1000, 1000, 0, 1, 2, 1 + len(records)) + raw + b"".join(records))
datagram = words(5, 1, 0x7f000001, 0, 1, 1000, 2)
datagram += sample(1, *([item(record, words(100))] if record else [])) + sample(2)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(datagram, ("127.0.0.1", port))
END

# flows RECORD: how many of two samples are kept where the first has such a record; 0: none.
flows() {
	local pid deadline=$((SECONDS + 20))
	mkdir "flows-$1"
	sfcapd -b 127.0.0.1 -p "$port" -l "$work/flows-$1" -t 60 >"log-$1" 2>&1 &
	pid=$!
	until grep -qi ":$(printf '%04X' "$port") " /proc/net/udp; do
		((SECONDS < deadline)) || { cat "log-$1" >&2; exit 2; }
		sleep 0.1
	done
	/usr/bin/python3 send.py "$port" "$1"
	sleep 1
	kill -TERM "$pid"
	wait "$pid" || true
	nfdump -R "$work/flows-$1" -q -o csv 2>/dev/null | grep -c '192\.0\.2\.' || true
}
plain=$(flows 0) unknown=$(flows 4000) egress=$(flows 1029) ingress=$(flows 1030)
echo "two samples: $plain kept; the first with an unknown record: $unknown; with a VNI, egress: $egress, ingress: $ingress"
[ "$plain $unknown $egress $ingress" = "2 2 0 0" ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A dataplane in a network namespace of its own, as in the VM image, and nobody with CAP_SYS_ADMIN: sluiced is started in
# there with the capabilities of its unit, and another process without any listens in the management's namespace.
#
#   controller 10.1.0.2 --- eth0 10.1.0.1 management ... dataplane port1 10.2.0.1 --- eth0 10.2.0.2 west
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/units.sh"

[ -x /lib/systemd/systemd-socket-proxyd ] || skip "systemd-socket-proxyd is missing (package systemd)"
add_ns controller management dataplane west
add_link controller eth0 management eth0
add_link west eth0 dataplane port1
address controller eth0 10.1.0.2/24
address management eth0 10.1.0.1/24
address west eth0 10.2.0.2/24
address dataplane port1 10.2.0.1/24
ip -n "$(ns west)" route add 10.1.0.0/24 via 10.2.0.1

# certificate NAME: signed by the authority, for the management address.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$lab/$1.key" -out "$lab/$1.csr" &&
		openssl x509 -req -in "$lab/$1.csr" -CA "$lab/ca.crt" -CAkey "$lab/ca.key" -CAcreateserial -days 2 \
			-extfile <(echo subjectAltName=IP:10.1.0.1) -out "$lab/$1.crt"
}
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout "$lab/ca.key" -out "$lab/ca.crt"
	for name in first second controller; do certificate "$name"; done
} 2>"$lab/openssl.log" || fail "openssl: $(cat "$lab/openssl.log")"
cp "$lab/first.crt" "$lab/server.crt"
cp "$lab/first.key" "$lab/server.key"

cat >"$lab/sluice.yaml" <<YAML
listen: [unix:$lab/run/sluice.sock, 0.0.0.0:50051]
tls: {certificate: $lab/server.crt, key: $lab/server.key, client_ca: $lab/ca.crt}
management: {interface: eth0}
dataplane: {namespace: $(ns dataplane)}
YAML
chmod 644 "$lab"/server.*
install_units
start_loader management

image=../image/rootfs/usr/lib/systemd/system
[[ $(setting sluiced.service AmbientCapabilities) != *SYS_ADMIN* ]] || fail "the unit has CAP_SYS_ADMIN"
! grep -r CAP_ "$units/$image/sluiced.service.d" || fail "the image gives the unit more"
read -ra daemon <<<"$(as_unit sluiced.service 65533) $(command_of $image/sluiced.service.d/dataplane.conf) --config $lab/sluice.yaml"
read -ra relay <<<"$(as_unit $image/sluice-management.service 65532) $(command_of $image/sluice-management.service) --config $lab/sluice.yaml"
export RUNTIME_DIRECTORY=$lab/run

ctl() {
	at controller env "SLUICE_TLS_CERT=$lab/controller.crt" "SLUICE_TLS_KEY=$lab/controller.key" "$sluicectl" \
		--server 10.1.0.1:50051 --tls-ca "$lab/ca.crt" --timeout 5 "$@"
}
shown() {
	at controller openssl s_client -connect 10.1.0.1:50051 -cert "$lab/controller.crt" -key "$lab/controller.key" </dev/null \
		2>"$lab/s_client" | openssl x509 -noout -subject
}
shows() { [ "$(shown)" = "subject=CN = $1" ]; }
start() {
	spawn sluiced dataplane "${daemon[@]}"
	wait_for 20 "an answer $1" ctl status
}

# The relay is first: without a daemon nothing listens.
spawn relay management "${relay[@]}"
runs_relay() { [ "$(readlink "/proc/$(cat "$lab/relay.pid")/exe")" = "$lab/daemon" ]; }
wait_for 10 "the relay" runs_relay
! ctl status 2>"$lab/refused" || fail "there is an answer without a daemon"
grep -q 'does not answer on 10.1.0.1:50051: is it running' "$lab/refused" || fail "without a daemon: $(cat "$lab/refused")"
start "through the relay"
equal "$(capsh --decode="$(sed -n 's/^CapPrm:\t//p' "/proc/$(cat "$lab/sluiced.pid")/status")" | cut -d = -f 2)" \
	"cap_net_admin,cap_net_raw,cap_bpf" "the daemon's capabilities"
equal "$(sed -n 's/^CapPrm:\t//p' "/proc/$(cat "$lab/relay.pid")/status")" 0000000000000000 "the relay's capabilities"

ctl apply -y -f - <<<'{vrf: [{name: x}], interface: [{name: port1, vrf: x}]}' >"$lab/apply" 2>&1 || fail "$(cat "$lab/apply")"
equal "$(ctl show ports -o json | jq -r '.ports[] | .device + " " + .xdp_mode')" "port1 tc" "the port"

! at controller "$sluicectl" --server 10.1.0.1:50051 --tls-ca "$lab/ca.crt" --timeout 5 status 2>"$lab/refused" ||
	fail "a client without a certificate got in"
equal "$(at dataplane ss -Hltun)" "" "what listens in the dataplane"
for each in 10.2.0.1 10.1.0.1; do
	! at west timeout 3 bash -c "exec 9<>/dev/tcp/$each/50051" 2>"$lab/refused" || fail "gRPC is reached from the dataplane: $each"
done

# A certificate that is replaced, and a daemon that is started again, need nothing of the relay.
shows first || fail "the certificate: $(shown)"
cp "$lab/second.crt" "$lab/server.crt"
cp "$lab/second.key" "$lab/server.key"
wait_for 10 "the new certificate" shows second
stop sluiced KILL || :
! ctl status 2>"$lab/refused" || fail "there is an answer without a daemon"
start "after a restart"

# A second one prints the cause of its failure.
! at management "${relay[@]}" 2>"$lab/second.log" || fail "two relays on one port"
grep -q 'cannot listen on 0.0.0.0:50051 at eth0: Address already in use: stop the program that listens there' "$lab/second.log" || fail "$(cat "$lab/second.log")"

# Without a TCP address there is neither.
echo "listen: [unix:$lab/run/other.sock]" >"$lab/sluice.yaml"
at management "${relay[@]}" 2>"$lab/idle.log" || fail "nothing to do: $(cat "$lab/idle.log")"
stop sluiced || fail "sluiced: $(tail -n 40 "$lab/sluiced.log")"
rm -f "$lab/run/grpc.sock"
spawn sluiced dataplane "${daemon[@]}"
wait_for 10 "the daemon" "$sluicectl" --server "unix:$lab/run/other.sock" status
[ ! -e "$lab/run/grpc.sock" ] || fail "a socket is open to everybody"
stop sluiced || fail "sluiced: $(tail -n 40 "$lab/sluiced.log")"

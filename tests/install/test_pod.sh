#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The pod as its manifests describe it: checked against the schema, and its three containers run as they say, with network
# status annotations as Multus writes them. The interface that is in the network "uplink" becomes the port uplink, whatever
# its name, and another one when the annotation changes.
#
#   client 10.1.0.2 --- net2 10.1.0.1 sluice net1 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/container.sh"

pod=$root/orchestration/install/pod
manifests=("$pod/networks.yaml" "$pod/sluice.yaml" "$pod/setters.yaml")
yamllint -s -d '{extends: default, rules: {line-length: {max: 130}, document-start: disable}}' \
	"${manifests[@]}" "$pod/Kptfile" "$pod/nephio" || fail "yamllint"
"$root/tests/install/check_manifests.py" "${manifests[@]}" "$pod/Kptfile" "$pod/nephio/nfdeployment.yaml" || fail "the manifests"
# The schema refuses what is wrong.
# refused SED TEXT: the manifests, so changed, are refused with that text.
refused() {
	sed "$1" "$pod/sluice.yaml" >"$lab/wrong.yaml"
	! cmp -s "$pod/sluice.yaml" "$lab/wrong.yaml" || fail "$1 changes nothing"
	! "$root/tests/install/check_manifests.py" "$pod/networks.yaml" "$lab/wrong.yaml" >"$lab/wrong.out" ||
		fail "$1 is not noticed"
	grep -q "$2" "$lab/wrong.out" || fail "$1: $(cat "$lab/wrong.out")"
}
refused 's/readOnlyRootFilesystem/readOnlyRootFileSystem/' 'V1SecurityContext has no field readOnlyRootFileSystem'
refused 's/replicas: 1/replicas: one/' "replicas: int is expected, not 'one'"
refused 's/, containerPort: 50051//' 'container_port'
refused 's/add: \[BPF,/add: [SYS_ADMIN,/' 'SYS_ADMIN'
refused 's/networks: uplink/networks: elsewhere/' 'there is no network elsewhere'

# What the document has an operator type: the manifests that were checked, and a secret with the files that they name.
while IFS= read -r line; do
	for word in $line; do
		case $word in
		--from-file=*) grep -q "/etc/sluice-tls/${word#*=}\$" "$pod/sluice.yaml" || fail "$line: nobody reads ${word#*=}" ;;
		*.yaml) [[ " ${manifests[*]} " == *" $root/$word "* ]] || fail "$line: $word was not checked" ;;
		sluice-tls) grep -q "secretName: $word," "$pod/sluice.yaml" || fail "$line: no pod mounts $word" ;;
		kubectl | create | secret | generic | apply | -f) ;;
		*) fail "$line: what is $word?" ;;
		esac
	done
done < <(commands cluster)
equal "$(commands cluster | wc -l)" 2 "commands for a cluster"

# --- the pod's network and volumes ---

have_image
version=$(sed -n 's/^project(sluice VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
equal "$(sed -n 's/^ *image: \(sluice:[0-9.]*\).*/\1/p' "$pod/sluice.yaml" "$pod/setters.yaml" | sort -u)" "sluice:$version" \
	"the manifests' image"
mkdir -p "$lab/volumes/"{run,state,config,tls,podinfo}
chmod 1777 "$lab/volumes/run"
chmod 2775 "$lab/volumes/state"
chown root:10001 "$lab/volumes/state"
/usr/bin/python3 - "$pod/sluice.yaml" "$lab/volumes/config" <<-'END'
	import sys, yaml
	for document in yaml.safe_load_all(open(sys.argv[1])):
	    if document["kind"] == "ConfigMap":
	        for name, text in document["data"].items():
	            open(f"{sys.argv[2]}/{name}", "w").write(text)
END
(
	cd "$lab/volumes/tls"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt
	for name in tls client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
		openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out $name.crt \
			-extfile <(echo "subjectAltName=IP:10.244.1.5")
	done
	chown root:10001 tls.key
	chmod 440 tls.key
) >"$lab/openssl.log" 2>&1 || fail "$(cat "$lab/openssl.log")"
: >"$lab/volumes/podinfo/network-status"

add_ns node client sluice server
add_link node cni0 sluice eth0 # the pod's default network
address node cni0 10.244.1.1/24
address sluice eth0 10.244.1.5/24
add_link client eth0 sluice net2
address client eth0 10.1.0.2/24
address sluice net2 10.1.0.1/24
ip -n "$(ns client)" route add default via 10.1.0.1
add_link sluice net1 server eth0
address sluice net1 10.9.0.1/24
address server eth0 10.9.0.2/24
ip -n "$(ns server)" route add default via 10.9.0.1
serve server hello

# status UPLINK TENANT: the annotation, as Multus writes it; the kubelet puts a new one in the old one's place.
status() {
	cat >"$lab/volumes/podinfo/new" <<-JSON
		[{
		    "name": "cbr0", "interface": "eth0", "ips": ["10.244.1.5"], "mac": "$(mac sluice eth0)", "default": true, "dns": {}
		},{
		    "name": "routers/uplink", "interface": "$1", "ips": ["10.9.0.1"], "mac": "02:00:00:00:00:01", "dns": {},
		    "device-info": {"type": "pci", "version": "1.0.0", "pci": {"pci-address": "0000:18:02.5"}}
		},{
		    "name": "routers/tenant", "interface": "$2", "ips": ["10.1.0.1"], "mac": "02:00:00:00:00:02", "dns": {}
		}]
	JSON
	mv "$lab/volumes/podinfo/new" "$lab/volumes/podinfo/network-status"
}

# run_as_described NAME [EXTRA...]: the container of that name.
run_as_described() {
	local name=$1 line arguments=()
	shift
	while IFS= read -r line; do arguments+=("${line/#LAB/$lab}"); done < <(
		"$root/tests/install/check_manifests.py" --options "$name" "${manifests[@]}")
	volumes=()
	container "$name" sluice "${arguments[@]}" "$@"
}
device() { ctl show interfaces | awk -v name="$1" '$1 == name { print $2 }'; }
ports_are() { [ "$(device uplink) $(device tenant)" = "$1" ]; }
ctl() { "$sluicectl" --server "unix:$lab/volumes/run/sluice.sock" "$@"; }
ports_say() { grep -q "$1" "$lab/ports.log"; }

# --- in an order of its own: the daemon last, the annotation after everything ---

run_as_described ports
wait_for 10 "the ports' container to say what it waits for" ports_say 'has no network routers/.*has none\|has no network .*has none'
run_as_described health
run_as_described sluiced
wait_for 20 "the daemon to serve" ctl health
equal "$(at node "$sluicectl" --server 10.244.1.5:50051 --tls-ca "$lab/volumes/tls/ca.crt" --tls-cert "$lab/volumes/tls/client.crt" \
	--tls-key "$lab/volumes/tls/client.key" health)" SERVING "health over TLS"
[ ! -e "$lab/volumes/run/router.yaml" ] || fail "the pod is ready without its ports"
status net1 net2
wait_for 10 "the ports" ports_are "net1 net2"
wait_for 10 "the pod to be ready" test -s "$lab/volumes/run/router.yaml"
answers() { [ "$(get client http://10.9.0.2/)" = "hello 10.1.0.2" ]; }
wait_for 10 "the answer through the pod" answers

# Another interface is in the network: the port follows.
ip -n "$(ns sluice)" link set net1 down
ip -n "$(ns sluice)" link set net1 name net7
ip -n "$(ns sluice)" link set net7 up
status net7 net2
wait_for 10 "the port to follow" ports_are "net7 net2"
wait_for 10 "the answer through the other interface" answers

# --- what is wrong is said, and changes nothing ---

# wrong WHAT TEXT: the status from standard input does; what it says ends with the text.
wrong() {
	cat >"$lab/status.json"
	! once --volume "$lab/status.json:/etc/podinfo/network-status" --volume "$lab/volumes/config:/etc/sluice:ro" -- \
		/usr/lib/sluice/pod-ports --print >"$lab/wrong.out" 2>&1 || fail "$1 is not noticed"
	grep -q -- "$2" "$lab/wrong.out" || fail "$1: $(cat "$lab/wrong.out")"
}
wrong "a network that is there twice" 'uplink is there 2 times: a/uplink by net1, b/uplink by net2' <<-'JSON'
	[{"name": "a/uplink", "interface": "net1"}, {"name": "b/uplink", "interface": "net2"}, {"name": "a/tenant", "interface": "net3"}]
JSON
wrong "a network without an interface" 'names no interface for uplink' <<-'JSON'
	[{"name": "a/uplink"}, {"name": "a/tenant", "interface": "net3"}]
JSON
wrong "a status that is cut off" 'is no JSON' <<<'[{"name": "a/upl'
wrong "the default network" 'no network uplink' <<-'JSON'
	[{"name": "uplink", "interface": "eth0", "default": true}, {"name": "a/tenant", "interface": "net3"}]
JSON

for name in ports health sluiced; do
	stop "$name" || fail "$name ended with status $?: $(tail -n 5 "$lab/$name.log")"
done

# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are of who sources this
# SPDX-License-Identifier: Apache-2.0
# What every boot must show, from the outside.

ready_seconds=180 # without KVM, on two cores

journey() {
	controller wait "$ready_seconds"
	echo "ready after $((SECONDS - begin)) s"
	wait_for 60 "the signal that day 0 sends" guest test -e /run/signalled
	equal "$(guest systemctl is-system-running --wait)" running "the system's state"
	equal "$(guest cloud-init status)" "status: done" "cloud-init's state"
	equal "$(guest sh -c 'grep -hE "WARNING|ERROR" /var/log/cloud-init*.log || :')" "" "what cloud-init warns of"

	equal "$(guest sh -c 'dmesg | grep "process .sluiced" || :')" "" "what the kernel complains of"

	guest systemctl reload sluice-dataplane.service # changes nothing where nothing is new
	equal "$(controller owner VRF underlay) $(controller owner INTERFACE west)" "day0 day0" "owners of day 0's resources"
	controller program
	equal "$(controller ports)" $'port1 XDP_MODE_NATIVE up \nport2 XDP_MODE_NATIVE up ' "the ports"

	# The clock is left out: nobody here tells the time.
	equal "$(controller preflight | sed '/^clock/d')" \
		$'kernel SEVERITY_OK\nmemory SEVERITY_OK\nneighbours SEVERITY_OK\nport1 SEVERITY_OK\nport2 SEVERITY_OK' "the findings of preflight"

	forwards
	management_is_apart
	only_grpc_listens
	is_confined
	restarts
}

# Through the guest's XDP, both ways, and counted there.
forwards() {
	local before after reply
	read -r -a before < <(controller tunnel)
	reply=$(at west ping -c 10 -i 0.2 -W 5 10.9.0.2) || fail "ping: $reply"
	[[ $reply == *"10 received"* && $reply == *"ttl=63"* ]] || fail "ping: $reply"
	read -r -a after < <(controller tunnel)
	equal "$((after[0] - before[0])) $((after[1] - before[1]))" "10 10" "packets decapsulated and encapsulated"
	serve east hello
	equal "$(at west curl -sS --max-time 60 http://10.9.0.2/300000 | wc -c)" 300016 "bytes of an answer"
}

# reaches NS ADDRESS: does it get a connection to gRPC?
reaches() { at "$1" timeout 3 bash -c "exec 9<>/dev/tcp/$2/50051" 2>/dev/null; }

management_is_apart() {
	reaches controller 10.99.0.2 || fail "the controller does not reach gRPC"
	ip -n "$(ns west)" route add 10.99.0.0/24 via 172.16.0.1
	ip -n "$(ns east)" route add 10.99.0.0/24 via 10.9.0.1
	for each in "west 172.16.0.1" "west 10.99.0.2" "east 10.9.0.1" "east 10.99.0.2"; do
		# shellcheck disable=SC2086 # two words
		! reaches $each || fail "gRPC is reached from the dataplane: $each"
	done
}

only_grpc_listens() {
	equal "$(guest ss -Hltun | awk '{ print $1, $5 }' | sed 's/ .*:/ /' | sort -u)" "tcp 50051" "what listens for management"
	# Metrics and the page: for who is on the router itself.
	equal "$(guest ip netns exec dataplane ss -Hltun | awk '{ print $1, $5 }' | sort)" \
		$'tcp 127.0.0.1:9111\ntcp [::1]:9111' "what listens in the dataplane"
}

# CAP_NET_ADMIN (12), CAP_NET_RAW (13), CAP_BPF (39), in every thread, and no way to another; its loader is gone.
is_confined() {
	local pid
	pid=$(guest systemctl show -p MainPID --value sluiced.service)
	equal "$(guest sh -c "grep -hE 'Cap(Prm|Bnd)' /proc/$pid/task/*/status" | sort -u | tr -s '\t\n' ' ')" \
		"CapBnd: 0000008000003000 CapPrm: 0000008000003000 " "the capabilities of sluiced's threads"
	equal "$(guest systemctl show -p NConnections,NAccepted sluice-loader.socket | xargs)" "NConnections=0 NAccepted=1" \
		"the loaders that there are, and that there were"
	for each in sluiced.service sluice-loader@.service; do
		guest systemd-analyze security --no-pager --threshold=30 "$each" >"$lab/security" ||
			fail "systemd-analyze security: $(tail -n 1 "$lab/security")"
	done
}

restarts() {
	local pid
	# What listens is started again alone.
	pid=$(guest systemctl show -p MainPID --value sluiced.service)
	guest systemctl kill --signal=KILL --kill-whom=main sluice-management.service
	wait_for 60 "a restart of what listens" relistens
	controller wait 60
	equal "$(guest systemctl show -p MainPID --value sluiced.service)" "$pid" "sluiced after what listens was killed"

	guest systemctl kill --signal=KILL --kill-whom=main sluiced.service
	wait_for 60 "a restart of sluiced" restarted
	controller wait 60
	wait_for 20 "day 0's resources in the sluiced that came back" has_day0
}

has_day0() { [ "$(controller owner INTERFACE west)" = day0 ]; }

relistens() { [ "$(guest systemctl show -p NRestarts --value sluice-management.service)" = 1 ]; }

restarted() { [ "$(guest systemctl show -p NRestarts --value sluiced.service)" = 1 ]; }

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sluice forwards by what BIRD learns, with the configuration of docs/routing-protocols.md: 64 equal paths, a path that
# changes under traffic, BIRD killed, with graceful restart and without.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: AS 65002, 10.9.0.2 on lo
#          fd00:1::2        fd00:1::1       up2 10.8.2.1 --- eth2 10.8.2.2         fd00:9::2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
target=fd00:9::2
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"
. "$root/tests/lab/routing.sh"

routed_network
peer_config >"$lab/server.conf"
{
	recipe "bird bgp"
	# What the operator moves by hand: better than BGP's, by the other link.
	echo 'protocol static moved { disabled; ipv6 { preference 200; }; route fd00:9::/64 via fd00:8:2::2; }'
	echo 'protocol static wide { ipv4; route 10.64.0.0/24'
	for i in $(seq 101 164); do echo "	via 10.8.1.$i"; done
	echo '; }'
} | sed 's/source = RTS_BGP/source ~ [RTS_BGP, RTS_STATIC] \&\& dest = RTD_UNICAST/' >"$lab/bird.conf"
start_sluiced sluice
{
	recipe "yaml ports"
	recipe "yaml bird"
} | apply
start_frr server "$lab/server.conf" zebra bgpd
start_bird sluice "$lab/bird.conf"

# --- both families ---
wait_for 20 "two paths in the kernel" has_route sluice 10.9.0.0/24 "nexthop.*nexthop"
wait_for 20 "two IPv6 paths in the kernel" has_route sluice fd00:9::/64 "nexthop.*nexthop"
wait_for 10 "10.9.0.0/24" forwards 10.9.0.0/24 bird
wait_for 10 "fd00:9::/64" forwards fd00:9::/64 bird
become_equal 254 bird
wait_for 10 "an answer" at client ping -c 1 -W 1 10.9.0.2
wait_for 10 "an IPv6 answer" at client ping -c 1 -W 1 fd00:9::2

# --- 64 equal paths ---
wait_for 10 "10.64.0.0/24" forwards 10.64.0.0/24 bird
wait_for 10 "64 paths" has_paths 10.64.0.0/24 64

# --- a path that changes ---
frames_start
for _ in $(seq 20); do
	for verb in enable disable; do
		birdc_at sluice $verb moved >/dev/null
		sleep 0.02
	done
done
check_frames "over 40 changes of a path"
become_equal 254 bird

# --- killed: with -R, persist and graceful restart the kernel keeps it ---
frames_start
stop bird-sluice KILL || :
sleep 0.5
start_bird sluice "$lab/bird.conf" -R
wait_for 20 "the session" bird_up sluice up1v6
wait_for 20 "two IPv6 paths in the kernel" has_route sluice fd00:9::/64 "nexthop.*nexthop"
check_frames "over BIRD killed"
become_equal 254 bird

# --- killed, and started as if for the first time: the kernel's routes go, and Sluice's with them ---
stop bird-sluice KILL || :
sed -i '/^\tpersist;$/d; /^\tgraceful restart;$/d' "$lab/bird.conf"
start_bird sluice "$lab/bird.conf"
wait_for 30 "the session" bird_up sluice up1v6
wait_for 20 "two IPv6 paths in the kernel" has_route sluice fd00:9::/64 "nexthop.*nexthop"
become_equal 254 bird
wait_for 10 "an IPv6 answer" at client ping -c 1 -W 1 fd00:9::2
stop bird-sluice
wait_for 10 "the kernel's route to be gone" no_route sluice fd00:9::/64
wait_for 10 "the candidate to be gone" eval '! is_learned fd00:9::/64'
stop_sluiced

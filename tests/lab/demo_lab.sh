# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The demo's lab: every box is a namespace, every line a veth pair. After lib.sh and stages.sh.
#
#   tenant-a 10.0.0.10 (kernel VXLAN, VNI 100) ---+                                    +--- fw   nftables on bridges
#                                                 |            172.16.0.1              |      fw-a-in|out fw-b-in|out
#                                              underlay ------ under0 sluice ----------+
#                                                 |                   |    |           +--- ids  Suricata inline
#   tenant-b 10.0.0.10 --- hv-b (OVS, Geneve, ----+                   |    |                  ids-a-in|out ids-b-in|out
#                          VNI 200)                                   |    |
#                                         api-a1 api-a2 api-b1 --- api    ai --- ai-a1 ai-b1
#                                          10.3.1.11, .12, .21             10.4.1.11, .12
#                                          10.3.2.11, .12 (nginx)          10.4.2.11 (token streams)
#
# The tenants have the same address and the same router address, 10.0.0.1. Tenant a asks the VIPs 198.51.100.10 and .130,
# whose pools are 10.3.1.0/24 and 10.4.1.0/24, and tenant b .20 and .140 with 10.3.2.0/24 and 10.4.2.0/24; 10.3.1.21 is a
# canary. A reply leaves by the uplink that its connection last came in by.

demo_lab() {
	add_ns tenant-a tenant-b hv-b underlay sluice fw ids api ai
	demo_underlay
	demo_tenant_a
	demo_tenant_b
	add_stage fw fw-a fw-b
	bridge_stage fw fw-a fw-b
	firewall fw 'tcp dport 8081 counter drop comment "admin"'
	add_stage ids ids-a ids-b
	ids ids ids-a ids-b
	demo_uplink 1 api-a1 api 10.1.1
	demo_uplink 2 api-a2 api 10.1.2
	demo_uplink 3 api-b1 api 10.1.3
	demo_uplink 1 ai-a1 ai 10.2.1
	demo_uplink 2 ai-b1 ai 10.2.2
	demo_gateway api api_gateway 10.3.1.11=tenant-a 10.3.1.12=tenant-a 10.3.1.21='"tenant-a canary"' \
		10.3.2.11=tenant-b 10.3.2.12=tenant-b
	demo_gateway ai ai_gateway 10.4.1.11=tenant-a 10.4.1.12=tenant-a 10.4.2.11=tenant-b
	demo_count
}

# Links of the underlay carry 1,500-byte inner packets and their tunnel headers.
demo_underlay() {
	add_link sluice under0 underlay to-sluice 1600
	add_link tenant-a eth0 underlay to-a 1600
	add_link hv-b phy0 underlay to-b 1600
	address sluice under0 172.16.0.1/24
	address underlay to-sluice 172.16.0.254/24
	address underlay to-a 172.16.1.254/24
	address underlay to-b 172.16.2.254/24
	at underlay sysctl -qw net.ipv4.ip_forward=1
	# Only XDP forwards here, not the kernel.
	at sluice sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.disable_ipv6=1
}

demo_tenant_a() {
	local n
	n=$(ns tenant-a)
	address tenant-a eth0 172.16.1.10/24
	ip -n "$n" route add 172.16.0.0/24 via 172.16.1.254
	ip -n "$n" link add vx100 address 02:00:00:00:0a:0a mtu 1500 type vxlan id 100 local 172.16.1.10 \
		remote 172.16.0.1 dstport 4789
	ip -n "$n" link set vx100 up
	tenant_address tenant-a vx100
}

demo_tenant_b() {
	add_link tenant-b eth0 hv-b vif-b
	ip -n "$(ns tenant-b)" link set eth0 address 02:00:00:00:0b:0a
	tenant_address tenant-b eth0
	# Open vSwitch reads its ports as raw sockets and knows no unfinished checksums: who sends to it finishes them.
	at tenant-b ethtool -K eth0 tx off >/dev/null
	at underlay ethtool -K to-b tx off >/dev/null
	ovs hv-b
	vs hv-b add-br br-phy -- set bridge br-phy datapath_type=netdev -- set int br-phy mtu_request=1600 \
		-- add-port br-phy phy0
	vs hv-b add-br br-int -- set bridge br-int datapath_type=netdev -- add-port br-int vif-b \
		-- add-port br-int gnv0 -- set interface gnv0 type=geneve options:remote_ip=172.16.0.1 options:key=200
	address hv-b br-phy 172.16.2.10/24
	ip -n "$(ns hv-b)" link set br-phy up
	ip -n "$(ns hv-b)" route add 172.16.0.0/24 via 172.16.2.254
	# Open vSwitch learns its tunnel's neighbour by watching ARP pass.
	wait_for 10 "Open vSwitch's uplink" at hv-b ping -c 1 -W 1 172.16.2.254
}

tenant_address() {
	address "$1" "$2" 10.0.0.10/24
	ip -n "$(ns "$1")" route add default via 10.0.0.1
}

# demo_uplink NUMBER DEVICE GATEWAY NETWORK: a link whose number is the gateway's routing table and connection mark.
demo_uplink() {
	local number=$1 device=$2 gateway=$3 network=$4
	add_link sluice "$device" "$gateway" "$device"
	address sluice "$device" "$network.1/30"
	address "$gateway" "$device" "$network.2/30"
	ip -n "$(ns "$gateway")" route add default via "$network.1" table "$number"
	# A reply needs some route before its mark can choose the right one.
	ip -n "$(ns "$gateway")" route add default via "$network.1" metric "$number"
	ip -n "$(ns "$gateway")" rule add fwmark "$number" table "$number"
	at "$gateway" nft -f - <<-RULES
		table ip uplink {
			chain arrive {
				type filter hook prerouting priority mangle;
				iifname "$device" counter ct mark set $number comment "$device"
			}
			chain reply {
				type route hook output priority mangle;
				ct mark $number meta mark set $number
			}
		}
	RULES
}

# demo_gateway NS SERVER ADDRESS=TENANT...
demo_gateway() {
	local namespace=$1 server=$2 binding
	shift 2
	for binding in "$@"; do
		address "$namespace" lo "${binding%=*}/32"
	done
	"$server" "$namespace" "$@"
}

# Connections of tenant a by the member that they came to.
demo_count() {
	at api nft -f - <<-RULES
		table ip members {
			counter canary {}
			counter others {}
			chain arrive {
				type filter hook prerouting priority raw;
				ip daddr 10.3.1.21 tcp flags & (syn | ack) == syn counter name canary
				ip daddr 10.3.1.11-10.3.1.12 tcp flags & (syn | ack) == syn counter name others
			}
		}
	RULES
	at tenant-a sysctl -qw net.ipv4.ip_local_port_range='1024 65535' net.ipv4.tcp_tw_reuse=1
}
# "CANARY OTHERS", at one time.
demo_connections() {
	at api nft -j list counters table ip members | jq -r '[.nftables[].counter? // empty] | sort_by(.name) | map(.packets) | join(" ")'
}

# demo_get TENANT CURL-ARGUMENT...
demo_get() {
	local tenant=$1
	shift
	at "$tenant" curl -sS --connect-timeout 2 --max-time 60 "$@"
}

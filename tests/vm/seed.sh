# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are of who sources this
# SPDX-License-Identifier: Apache-2.0
# Day 0 for a VM: the user data that Heat makes of sluice-ha.yaml, on a config drive, or vnf/image/cloud-init/user-data.yaml
# filled in by hand, on a NoCloud disk.

# pem FILE: in one line, as the text wants it.
pem() { awk 'BEGIN { ORS = "\\n" } { print }' "$1"; }

# user_data FILE: the cloud-init text of this VM.
user_data() {
	local text name value
	text=$(cat "$root/vnf/image/cloud-init/user-data.yaml")
	for name in west_address east_address certificate key client_ca signal; do
		case $name in
		west_address) value=172.16.0.1/24 ;;
		east_address) value=10.9.0.1/24 ;;
		certificate) value=$(pem "$lab/tls/server.crt") ;;
		key) value=$(pem "$lab/tls/server.key") ;;
		client_ca) value=$(pem "$lab/tls/authority.crt") ;;
		signal) value="touch /run/signalled" ;;
		esac
		text=${text//"\$$name"/"$value"}
	done
	printf '%s\n' "$text" >"$1"
	cloud-init schema -c "$1" >"$lab/schema.log" 2>&1 || fail "cloud-init schema: $(cat "$lab/schema.log")"
}

# ha_user_data FILE: that of one router of sluice-ha.yaml, in parts.
ha_user_data() {
	/usr/bin/python3 "$here/ha_user_data.py" "$lab/tls" >"$1" 2>"$lab/heat.log" || fail "Heat: $(cat "$lab/heat.log")"
}

# As Nova makes it: an ISO 9660 volume "config-2" that describes all NICs, the dataplane's by DHCP that nobody answers.
config_drive() {
	local folder=$lab/drive/openstack/latest
	mkdir -p "$folder"
	ha_user_data "$folder/user_data"
	cat >"$folder/meta_data.json" <<-'END'
		{"uuid": "11111111-2222-4333-8444-555555555555", "name": "sluice-bios", "hostname": "sluice-bios"}
	END
	jq -n --arg mgmt "${macs[1]}" --arg west "${macs[2]}" --arg east "${macs[3]}" '{
		links: [{id: "tap1", type: "ovs", ethernet_mac_address: $mgmt, mtu: 1500},
			{id: "tap2", type: "ovs", ethernet_mac_address: $west, mtu: 1500},
			{id: "tap3", type: "ovs", ethernet_mac_address: $east, mtu: 1500}],
		networks: [{id: "network0", type: "ipv4", link: "tap1", ip_address: "10.99.0.2", netmask: "255.255.255.0",
				network_id: "n0", routes: []},
			{id: "network1", type: "ipv4_dhcp", link: "tap2", network_id: "n1"},
			{id: "network2", type: "ipv4_dhcp", link: "tap3", network_id: "n2"}],
		services: []}' >"$folder/network_data.json"
	genisoimage -quiet -r -J -V config-2 -o "$lab/seed" "$lab/drive" 2>"$lab/iso.log" || fail "$(cat "$lab/iso.log")"
	# shellcheck disable=SC2034 # the test's
	# shellcheck disable=SC2054 # QEMU's commas
	seed=(-device virtio-scsi-pci -drive "if=none,id=seed,media=cdrom,readonly=on,format=raw,file=$lab/seed"
		-device scsi-cd,drive=seed)
}

# As libvirt's users make it: a FAT volume "CIDATA" on a virtio disk, which describes the management NIC alone.
nocloud() {
	user_data "$lab/user-data"
	printf 'instance-id: sluice-uefi-1\nlocal-hostname: sluice-uefi\n' >"$lab/meta-data"
	cat >"$lab/network-config" <<-END
		version: 2
		ethernets:
		  management:
		    match: {macaddress: "${macs[1]}"}
		    addresses: [10.99.0.2/24]
	END
	truncate -s 1M "$lab/seed"
	mkfs.fat -n CIDATA "$lab/seed" >"$lab/fat.log" 2>&1 || fail "$(cat "$lab/fat.log")"
	mcopy -i "$lab/seed" "$lab/user-data" "$lab/meta-data" "$lab/network-config" ::
	# shellcheck disable=SC2034 # the test's
	seed=(-drive "if=virtio,format=raw,readonly=on,file=$lab/seed")
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/announce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARP_ETHERNET 1
#define ARP_REQUEST  1

#define UDP_SIZE 8
#define HOPS	 64

#define ICMPV6		   58
#define ND_HOP_LIMIT	   255
#define ND_ADVERTISEMENT   136
#define ND_SIZE		   32	       /* with the option */
#define ND_ROUTER_OVERRIDE 0xa0000000U /* not solicited */
#define ND_TARGET_MAC	   2	       /* option */

static uint8_t *put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t count)
{
	memcpy(at, bytes, count);
	return at + count;
}

static uint16_t proto_of(const struct announcement *announcement)
{
	if (announcement->tunnel.remote.family)
		return announcement->tunnel.remote.family == 4 ? ETH_P_IP : ETH_P_IPV6;
	return announcement->address.family == 4 ? ETH_P_ARP : ETH_P_IPV6;
}

/* In the Ethernet header of the frame that is sent. */
static uint16_t first_proto(const struct announcement *announcement)
{
	if (announcement->vlan_id)
		return announcement->inner_vlan_id ? ETH_P_8021AD : ETH_P_8021Q;
	return proto_of(announcement);
}

static uint8_t *put_ethernet(uint8_t *at, const struct announcement *announcement, const uint8_t to[6],
			     const uint8_t from[6])
{
	at = put(at, to, 6);
	at = put(at, from, 6);
	at = put16(at, first_proto(announcement));
	if (!announcement->vlan_id)
		return at;
	at = put16(at, announcement->vlan_id);
	if (announcement->inner_vlan_id)
		at = put16(put16(at, ETH_P_8021Q), announcement->inner_vlan_id);
	return put16(at, proto_of(announcement));
}

/* RFC 5227 2.3: a request whose sender and target are the address. The target's MAC is not asked for: zeros. */
static uint8_t *put_arp(uint8_t *at, const struct announcement *announcement)
{
	static const uint8_t nobody[6];

	at = put16(at, ARP_ETHERNET);
	at = put16(at, ETH_P_IP);
	*at++ = 6;
	*at++ = 4;
	at = put16(at, ARP_REQUEST);
	at = put(at, announcement->mac, 6);
	at = put(at, announcement->address.byte, 4);
	at = put(at, nobody, 6);
	return put(at, announcement->address.byte, 4);
}

/* RFC 1071 over an even number of bytes, to go on from `sum`. */
static uint32_t add_words(uint32_t sum, const uint8_t *byte, size_t count)
{
	for (size_t i = 0; i < count; i += 2)
		sum += (uint32_t)byte[i] << 8 | byte[i + 1];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 4443 2.3: the pseudo-header has both addresses, the length and the protocol. */
static uint16_t checksum(const uint8_t addresses[32], const uint8_t *advertisement)
{
	return folded(add_words(add_words(ND_SIZE + ICMPV6, addresses, 32), advertisement, ND_SIZE));
}

static uint8_t *put_advertisement(uint8_t *at, const struct announcement *announcement)
{
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 0x01};
	uint8_t *addresses, *advertisement;

	at = put32(at, 6U << 28);
	at = put16(at, ND_SIZE);
	*at++ = ICMPV6;
	*at++ = ND_HOP_LIMIT;
	addresses = at;
	at = put(at, announcement->address.byte, 16);
	at = put(at, all_nodes, 16);
	advertisement = at;
	*at++ = ND_ADVERTISEMENT;
	*at++ = 0;
	at = put16(at, 0);
	at = put32(at, ND_ROUTER_OVERRIDE);
	at = put(at, announcement->address.byte, 16);
	*at++ = ND_TARGET_MAC;
	*at++ = 1; /* in 8 bytes */
	at = put(at, announcement->mac, 6);
	put16(advertisement + 2, checksum(addresses, advertisement));
	return at;
}

static uint8_t *put_frame(uint8_t *at, const struct announcement *announcement)
{
	static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1}; /* RFC 2464 7 */

	if (announcement->address.family == 4)
		return put_arp(put_ethernet(at, announcement, everybody, announcement->mac), announcement);
	return put_advertisement(put_ethernet(at, announcement, all_nodes, announcement->mac), announcement);
}

/* RFC 791 3.1 or RFC 8200 3, in front of `size` bytes of UDP. As encapsulation has it: DF, no identification. */
static uint8_t *put_ip(uint8_t *at, const struct announcement_tunnel *tunnel, size_t size)
{
	uint8_t *ip = at;

	if (tunnel->remote.family == 6) {
		at = put16(put32(at, 6U << 28), (uint16_t)size);
		*at++ = IPPROTO_UDP;
		*at++ = HOPS;
		at = put(at, tunnel->local.byte, 16);
		return put(at, tunnel->remote.byte, 16);
	}
	at = put16(at, 0x4500);
	at = put16(at, (uint16_t)(size + 20));
	at = put32(at, 0x4000);
	*at++ = HOPS;
	*at++ = IPPROTO_UDP;
	at = put16(at, 0);
	at = put(at, tunnel->local.byte, 4);
	at = put(at, tunnel->remote.byte, 4);
	put16(ip + 10, folded(add_words(0, ip, 20)));
	return at;
}

/* With a checksum over the whole, which all receivers take (RFC 6936). `udp` is of `size` bytes. */
static void put_udp(uint8_t *udp, const struct announcement_tunnel *tunnel, size_t size)
{
	const size_t bytes = tunnel->remote.family == 4 ? 4 : 16;
	uint32_t sum = (uint32_t)size + IPPROTO_UDP;
	uint16_t checksum;

	put16(put16(put16(put16(udp, tunnel->src_port), tunnel->dst_port), (uint16_t)size), 0);
	sum = add_words(add_words(sum, tunnel->local.byte, bytes), tunnel->remote.byte, bytes);
	checksum = folded(add_words(sum, udp, size));
	put16(udp + 6, checksum ? checksum : 0xffff);
}

size_t announcement_write(const struct announcement *announcement, uint8_t frame[ANNOUNCEMENT_MOST])
{
	const struct announcement_tunnel *tunnel = &announcement->tunnel;
	struct announcement plain = {.address = announcement->address};
	uint8_t inside[ANNOUNCEMENT_MOST], *udp;
	size_t size;

	if (!tunnel->remote.family)
		return (size_t)(put_frame(frame, announcement) - frame);
	memcpy(plain.mac, announcement->mac, sizeof(plain.mac));
	size = (size_t)(put_frame(inside, &plain) - inside);
	udp = put_ethernet(frame, announcement, tunnel->dst_mac, tunnel->src_mac);
	udp = put_ip(udp, tunnel, UDP_SIZE + sizeof(tunnel->header) + size);
	put(put(udp + UDP_SIZE, tunnel->header, sizeof(tunnel->header)), inside, size);
	size += UDP_SIZE + sizeof(tunnel->header);
	put_udp(udp, tunnel, size);
	return (size_t)(udp - frame) + size;
}

int announce_open(void)
{
	/* Protocol 0: nothing is received. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

void announce_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

int announce_send(int fd, const struct announcement *announcement)
{
	const struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(first_proto(announcement)),
		.sll_ifindex = (int)announcement->ifindex,
		.sll_halen = 6,
	};
	uint8_t frame[ANNOUNCEMENT_MOST];
	size_t size = announcement_write(announcement, frame);

	return sendto(fd, frame, size, 0, (const struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <string.h>

#include "vnf/core/hash.h"
#include "vnf/observe/latency.h"

#define TAG_SIZE    4
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER  20
#define UDP_HEADER  8

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

/* Both ends, from whoever sends. */
struct ends {
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port;
};

static uint16_t get16(const uint8_t *byte)
{
	return (uint16_t)(byte[0] << 8 | byte[1]);
}

static uint32_t get32(const uint8_t *byte)
{
	return (uint32_t)get16(byte) << 16 | get16(byte + 2);
}

static uint64_t hash_ends(uint64_t seed, const struct ends *ends)
{
	const uint64_t hash = hash_bytes(HASH_SEED ^ seed, ends->src, sizeof(ends->src));

	return hash_word(hash_bytes(hash, ends->dst, sizeof(ends->dst)),
			 (uint64_t)ends->src_port << 16 | ends->dst_port);
}

/* Where the IP header is: a tag that stood beside the frame is in it now. 0: it is not there. */
static uint32_t find_ip(const struct observed *observed)
{
	const struct dp_step *last = &observed->head->last;

	for (uint32_t l3 = last->l3; l3 <= last->l3 + TAG_SIZE; l3 += TAG_SIZE)
		if (l3 && l3 + (last->family == 4 ? IPV4_HEADER : IPV6_HEADER) <= observed->head->in_kept &&
		    observed->in[l3] >> 4 == last->family)
			return l3;
	return 0;
}

/* What stays of it in a stage: no TTL, and no length, since stages put segments together. */
static uint64_t hash_same(const struct dp_step *last, const struct ends *ends, const uint8_t *ip, const uint8_t *l4,
			  size_t left)
{
	uint64_t hash = hash_word(hash_ends(0, ends), last->protocol);

	if (last->family == 4)
		hash = hash_word(hash, get32(ip + 4)); /* identification and fragment offset */
	if (!l4)
		return hash;
	if (last->protocol == IPPROTO_TCP && left >= TCP_HEADER)
		return hash_bytes(hash, l4 + 4, 8);
	if (last->protocol == IPPROTO_UDP && left >= UDP_HEADER && !last->service)
		return hash_word(hash, get16(l4 + 6)); /* the checksum is that of the data, too */
	return left >= UDP_HEADER && last->protocol != IPPROTO_UDP ? hash_bytes(hash, l4 + 4, 4) : hash;
}

static void take_segment(const struct dp_step *last, const struct ends *leaves, struct ends *came, const uint8_t *ip,
			 const uint8_t *tcp, struct latency_packet *packet)
{
	const uint32_t whole = last->family == 4 ? get16(ip + 2) : get16(ip + 4) + IPV6_HEADER;
	const uint32_t headers = last->l4 - last->l3 + (tcp[12] >> 4) * 4U;
	const uint8_t flags = tcp[13];
	struct ends back = {.src_port = came->dst_port, .dst_port = came->src_port};
	uint32_t taken;

	if (headers > whole || flags & TCP_RST)
		return;
	taken = whole - headers + (flags & TCP_SYN ? 1 : 0) + (flags & TCP_FIN ? 1 : 0);
	memcpy(back.src, came->dst, sizeof(back.src));
	memcpy(back.dst, came->src, sizeof(back.dst));
	packet->segment = true;
	packet->asks = taken > 0;
	packet->answers = flags & TCP_ACK;
	packet->asked = hash_word(hash_ends(1, leaves), get32(tcp + 4) + taken);
	packet->acknowledged = hash_word(hash_ends(1, &back), get32(tcp + 8));
}

/* Addresses as they came; ports are the caller's. */
static void take_addresses(uint8_t family, const uint8_t *ip, struct ends *came)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (family == 6) {
		memcpy(came->src, ip + 8, 16);
		memcpy(came->dst, ip + 24, 16);
		return;
	}
	memcpy(came->src, mapped, 12);
	memcpy(came->src + 12, ip + 12, 4);
	memcpy(came->dst, mapped, 12);
	memcpy(came->dst + 12, ip + 16, 4);
}

bool latency_packet(const struct observed *observed, struct latency_packet *packet)
{
	const struct dp_step *last = &observed->head->last;
	const uint32_t l3 = (last->family == 4 || last->family == 6) && observed->in ? find_ip(observed) : 0;
	struct ends leaves = {.src_port = last->src_port, .dst_port = last->dst_port}, came = {0};
	const uint8_t *ip, *l4 = NULL;
	size_t at, left = 0;

	*packet = (struct latency_packet){0};
	if (!l3 || last->l4 < last->l3)
		return false;
	ip = observed->in + l3;
	at = l3 + (last->l4 - last->l3);
	if (last->fragment <= 1 && at < observed->head->in_kept) { /* not a later fragment */
		l4 = observed->in + at;
		left = observed->head->in_kept - at;
	}
	memcpy(leaves.src, last->src.byte, sizeof(leaves.src));
	memcpy(leaves.dst, last->dst.byte, sizeof(leaves.dst));
	packet->same = hash_same(last, &leaves, ip, l4, left);
	if (!l4 || last->fragment || last->protocol != IPPROTO_TCP || left < TCP_HEADER)
		return true;
	take_addresses(last->family, ip, &came);
	came.src_port = get16(l4);
	came.dst_port = get16(l4 + 2);
	take_segment(last, &leaves, &came, ip, l4, packet);
	return true;
}

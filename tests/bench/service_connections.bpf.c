/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP clients and servers that need no stack. A client opens a connection, closes it with the segment that completes
 * the handshake, and when the other end has closed it, too, its next connection goes out in that very frame: so many
 * are open at a time as were begun, and what is between them sets the pace.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bench/service_connections.h"

#define FIN 1
#define SYN 2
#define RST 4
#define ACK 16

struct headers {
	__u8 destination_mac[6], source_mac[6];
	__u16 ethertype;
	__u8 version, tos;
	__u16 length, id, fragment;
	__u8 ttl, protocol;
	__u16 checksum;
	__u32 source, destination;
	__u16 source_port, destination_port;
	__u32 sequence, acknowledgement;
	__u8 offset, flags;
	__u16 window, tcp_checksum, urgent;
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct headers) == CONNECTIONS_FRAME, "headers");

struct connections_run connections;
__u8 open_now[CONNECTIONS_MOST]; /* by a connection's number */

static __always_inline __u32 sum16(const void *at, int octets)
{
	const __u16 *word = at;
	__u32 sum = 0;

	for (int i = 0; i < octets / 2; i++)
		sum += word[i];
	return sum;
}

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Back to where it came from, as a segment of these flags and numbers without data. */
static __always_inline void turn(struct headers *at, __u8 flags, __u32 sequence, __u32 acknowledgement)
{
	__u32 address = at->source;
	__u16 port = at->source_port;
	__u8 mac[6];

	__builtin_memcpy(mac, at->source_mac, 6);
	__builtin_memcpy(at->source_mac, at->destination_mac, 6);
	__builtin_memcpy(at->destination_mac, mac, 6);
	at->source = at->destination;
	at->destination = address;
	at->source_port = at->destination_port;
	at->destination_port = port;
	at->sequence = bpf_htonl(sequence);
	at->acknowledgement = bpf_htonl(acknowledgement);
	at->flags = flags;
}

static __always_inline void finish(struct headers *at)
{
	at->tos = 0;
	at->length = bpf_htons(40);
	at->fragment = 0;
	at->ttl = 64;
	at->checksum = 0;
	at->checksum = fold(sum16(&at->version, 20));
	at->offset = 5 << 4;
	at->window = bpf_htons(65535);
	at->urgent = 0;
	at->tcp_checksum = 0;
	at->tcp_checksum = fold(sum16(&at->source, 28) + bpf_htons(6) + bpf_htons(20));
}

/* The headers of a TCP segment, whose frame is then as short as its answer. NULL: it is something else. */
static __always_inline struct headers *segment(struct xdp_md *ctx)
{
	struct headers *at = (void *)(long)ctx->data;
	int longer = (int)(ctx->data_end - ctx->data) - CONNECTIONS_FRAME;

	if ((void *)(at + 1) > (void *)(long)ctx->data_end || at->ethertype != bpf_htons(0x0800) ||
	    at->version != 0x45 || at->protocol != 6)
		return NULL;
	if (longer && bpf_xdp_adjust_tail(ctx, -longer))
		return NULL;
	at = (void *)(long)ctx->data;
	return (void *)(at + 1) > (void *)(long)ctx->data_end ? NULL : at;
}

static __always_inline __u32 number_of(const struct headers *at)
{
	return (bpf_ntohl(at->destination) - CONNECTIONS_NETWORK) * CONNECTIONS_PORTS +
	       bpf_ntohs(at->destination_port) - CONNECTIONS_FIRST;
}

static __always_inline void begin(struct headers *at)
{
	__u32 number = __sync_fetch_and_add(&connections.next, 1) & (CONNECTIONS_MOST - 1);

	open_now[number] = 1;
	turn(at, SYN, number * 0x9e3779b1U, 0);
	at->source = bpf_htonl(CONNECTIONS_NETWORK + number / CONNECTIONS_PORTS);
	at->source_port = bpf_htons(CONNECTIONS_FIRST + number % CONNECTIONS_PORTS);
	finish(at);
}

/* Out by where it came in. XDP_TX would leave it in the ring of a veth peer that has no XDP program. */
static __always_inline int send_back(const struct xdp_md *ctx)
{
	return (int)bpf_redirect(ctx->ingress_ifindex, 0);
}

SEC("xdp")
int client(struct xdp_md *ctx)
{
	struct headers *at = segment(ctx);
	__u32 number;

	if (!at)
		return XDP_PASS;
	number = number_of(at) & (CONNECTIONS_MOST - 1);
	if ((at->flags & (SYN | ACK)) == (SYN | ACK)) {
		turn(at, FIN | ACK, bpf_ntohl(at->acknowledgement), bpf_ntohl(at->sequence) + 1);
		finish(at);
		return send_back(ctx);
	}
	if (!(at->flags & (FIN | RST)) || !open_now[number])
		return XDP_DROP;
	open_now[number] = 0;
	connections.completed++;
	if (connections.stopped)
		return XDP_DROP;
	begin(at);
	return send_back(ctx);
}

SEC("xdp")
int server(struct xdp_md *ctx)
{
	struct headers *at = segment(ctx);

	if (!at)
		return XDP_PASS;
	if (at->flags & RST)
		return XDP_DROP;
	if (at->flags & SYN) {
		connections.answered++;
		turn(at, SYN | ACK, bpf_ntohl(at->sequence) ^ 0x5a5a5a5a, bpf_ntohl(at->sequence) + 1);
	} else if (at->flags & FIN) {
		turn(at, FIN | ACK, bpf_ntohl(at->acknowledgement), bpf_ntohl(at->sequence) + 1);
	} else {
		return XDP_DROP;
	}
	finish(at);
	return send_back(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who says the member of a flow rather than its row: the connection ID of QUIC (RFC 9000 17, RFC 8999: what is read
 * here is the same in all versions), of which the second and the third byte are a member's; or the member that the
 * source has been sent to, where pools keep sources (affinity).
 */
#ifndef SLUICE_BPF_SERVICE_SOURCE_H
#define SLUICE_BPF_SERVICE_SOURCE_H

#include "bpf/service_connection.h"
#include "bpf/service_listener.h"

#define QUIC_LONG    0x80
#define QUIC_LEAST   3 /* bytes of a connection ID that says a member */
#define QUIC_LONG_ID 6 /* offset in a long header; in front of it the ID's length */

struct quic_long {
	__u8 first, version[4], length;
	__u8 id[QUIC_LEAST];
};

struct quic_short {
	__u8 first;
	__u8 id[QUIC_LEAST];
};

/* What the connection ID says, in memory->server_id. Of clients' first packets it is at random (RFC 9000 7.2), as it
 * may be in any long header: such ones reach members only that take new flows. */
static __always_inline void quic_read(struct ctx_buff *ctx, const struct packet *packet, struct service_memory *memory)
{
	__u32 at = packet->l4 + sizeof(struct udphdr), end = packet->l3 + packet->ip_length;
	const struct quic_short *brief = packet_at(ctx, at, sizeof(*brief));
	const struct quic_long *header;

	memory->server_id = memory->quic_long = 0;
	if (packet->protocol != IPPROTO_UDP || packet->indirect || !brief || at + sizeof(*brief) > end)
		return;
	if (!(brief->first & QUIC_LONG)) {
		memory->server_id = brief->id[1] << 8 | brief->id[2];
		return;
	}
	header = packet_at(ctx, at, sizeof(*header));
	if (!header || at + sizeof(*header) > end || header->length < QUIC_LEAST)
		return;
	memory->quic_long = 1;
	memory->server_id = header->id[1] << 8 | header->id[2];
}

/* The member that the connection ID says; 0: none, or one that takes no such packet. */
static __always_inline __u32 member_by_id(__u32 bank, __u32 pool, const struct service_memory *memory)
{
	struct dp_quic_member key = {.pool = pool, .server_id = memory->server_id};
	__u64 word = *(const __u64 *)&key;
	const struct dp_member *member;
	__u32 hash = dp_hash(&word, 1), id = 0;

	if (!memory->server_id)
		return 0;
	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_quic_member *slot = quic_member_slot(bank, hash + i);

		if (*(const __u64 *)slot == word)
			id = slot->member;
	}
	member = member_row(bank, id);
	if (!id || !member)
		return 0;
	return member->state == DP_MEMBER_ACTIVE || (member->state == DP_MEMBER_DRAINING && !memory->quic_long) ? id
														: 0;
}

/* The key of the source's entry: the source as far as it counts, and the listener in place of ports. */
static __always_inline void source_key(struct service_memory *memory, const struct dp_pool *pool)
{
	struct flow *flow = &memory->source_flow;
	struct tracked *source = &memory->source;
	__u16 low = memory->listener, high = memory->listener >> 16;

	*flow = memory->flow;
	flow->src = source_masked(&memory->flow, pool);
	flow->protocol = 0;
	entry_begin(source, flow, DP_CONNECTION_AFFINITY);
	source->high = source_is_high(flow, source);
	source->src_port = source->high ? high : low;
	source->dst_port = source->high ? low : high;
}

/* The member that the source has, which is to take flows still; 0: none. */
static __always_inline __u32 member_of_source(const struct packet *packet, const struct service_memory *memory,
					      const struct dp_pool *pool)
{
	const struct tracked *source = &memory->source;
	__u32 id = note_id(source);
	const struct dp_member *member = member_row(packet->bank, id);

	if (source->place == CONNECTION_NOWHERE || !member ||
	    dp_connection_age(source->life, connection_now()) > pool->affinity)
		return 0;
	return member->incarnation == (__u32)source->life && member->state == DP_MEMBER_ACTIVE &&
			       member->pool == memory->pool
		       ? id
		       : 0;
}

/* Sets memory->member to that of the source, which has a new flow: 1, or 0: it has none, or cannot be asked for. */
__noinline int service_source(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_pool *pool;

	if (!packet || !memory)
		return 0;
	memory->keeps_source = 0;
	pool = pool_row(packet->bank, memory->pool);
	if (!pool || !pool->affinity || !(pool->flags & DP_POOL_SOURCE) || memory->flow.quoted)
		return 0;
	source_key(memory, pool);
	connection_find(packet, &memory->source_flow, &memory->source);
	memory->member = member_of_source(packet, memory, pool);
	if (!memory->member) {
		memory->keeps_source = 1;
		return 0;
	}
	entry_advance(&memory->source, &memory->source_flow, DP_CONNECTION_NEW);
	return 1;
}

/* What the source's entry shall say, of which connection_open() makes one. */
__noinline int source_open(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_member *member;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	member = member_row(packet->bank, memory->member);
	if (!member)
		return ends(DP_REASON_inconsistent);
	memory->source.found = 0;
	memory->source.begins = DP_CONNECTION_NEW;
	memory->source.epoch = member->incarnation;
	entry_note(&memory->source, memory->member, generation_of(packet));
	return NEXT;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that go out and come back, as the observer tells of them: what is paired, and what must not be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/dp/reason.h"
#include "vnf/observe/latency.h"

#define US	  1000ULL
#define MS	  1000000ULL
#define ETH	  14
#define GROUP	  3
#define INTO	  17
#define TUNNEL	  5
#define NEXT_HOP  9
#define HEADERS	  (ETH + 20 + 20)
#define HEADERS_6 (ETH + 40 + 20)

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* A TCP segment between 10.0.0.1 and 10.0.0.2, or 2001:db8::1 and ::2. */
struct segment {
	uint8_t from, to; /* last byte of the address */
	uint16_t src_port, dst_port, id, data;
	uint32_t seq, ack;
	uint8_t flags;
};

struct seen {
	struct dp_observation head;
	uint8_t byte[256];
	struct observed observed;
};

static void put16(uint8_t *byte, uint32_t number)
{
	byte[0] = (uint8_t)(number >> 8);
	byte[1] = (uint8_t)number;
}

static void put32(uint8_t *byte, uint32_t number)
{
	put16(byte, number >> 16);
	put16(byte + 2, number);
}

static void put_addresses(struct seen *seen, const struct segment *segment, uint8_t *ip)
{
	struct dp_step *last = &seen->head.last;

	if (last->family == 6) {
		put32(ip + 8, 0x20010db8);
		put32(ip + 24, 0x20010db8);
		ip[23] = segment->from;
		ip[39] = segment->to;
		memcpy(last->src.byte, ip + 8, 16);
		memcpy(last->dst.byte, ip + 24, 16);
		return;
	}
	ip[12] = ip[16] = 10;
	ip[15] = segment->from;
	ip[19] = segment->to;
	for (struct dp_address *address = &last->src; address; address = address == &last->src ? &last->dst : NULL) {
		address->byte[10] = address->byte[11] = 0xff;
		memcpy(address->byte + 12, address == &last->src ? ip + 12 : ip + 16, 4);
	}
}

/* As it came `ns` after the beginning. */
static void fill(struct seen *seen, const struct segment *segment, uint8_t family, uint64_t ns)
{
	const uint32_t header = family == 4 ? 20 : 40;
	uint8_t *ip = seen->byte + ETH, *tcp = ip + header;

	memset(seen, 0, sizeof(*seen));
	seen->head.time = 1000 * MS + ns;
	seen->head.reason = DP_REASON_forwarded;
	seen->head.out_ifindex = 2;
	seen->head.in_kept = (uint16_t)(ETH + header + 20);
	seen->head.last.family = family;
	seen->head.last.protocol = 6;
	seen->head.last.l3 = ETH;
	seen->head.last.l4 = ETH + header;
	seen->head.last.src_port = segment->src_port;
	seen->head.last.dst_port = segment->dst_port;
	seen->head.last.next_hop = NEXT_HOP;
	ip[0] = (uint8_t)(family << 4 | (family == 4 ? 5 : 0));
	put16(ip + (family == 4 ? 2 : 4), (family == 4 ? 40U : 20U) + segment->data);
	if (family == 4)
		put16(ip + 4, segment->id);
	put_addresses(seen, segment, ip);
	put16(tcp, segment->src_port);
	put16(tcp + 2, segment->dst_port);
	put32(tcp + 4, segment->seq);
	put32(tcp + 8, segment->ack);
	tcp[12] = 5 << 4;
	tcp[13] = segment->flags;
	seen->observed = (struct observed){.head = &seen->head, .in = seen->byte};
}

static void to_stage(struct seen *seen)
{
	seen->head.reason = DP_REASON_steered;
	seen->head.out_interface = INTO;
	seen->head.last.port_pair_group = GROUP;
	seen->head.last.next_hop = 0;
}

static void from_stage(struct seen *seen)
{
	seen->head.last.from_stage = 1;
}

static const struct segment asks = {1, 2, 4000, 80, 7, 100, 5000, 900, ACK},
			    answers = {2, 1, 80, 4000, 8, 0, 900, 5100, ACK};

static const struct latency_row *only_row(const struct latency *latency)
{
	const struct latency_row *rows;

	assert_int_equal(latency_rows(latency, &rows), 1);
	return rows;
}

static void a_stage(void **state)
{
	struct latency *latency = latency_new();
	const struct latency_row *row;
	struct seen seen;

	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		fill(&seen, &asks, family, 0);
		to_stage(&seen);
		latency_take(latency, &seen.observed);
		fill(&seen, &asks, family, 150 * US);
		from_stage(&seen);
		seen.byte[ETH + (family == 4 ? 8 : 7)] = 33; /* its TTL may be another */
		latency_take(latency, &seen.observed);
	}
	assert_int_equal(latency_rows(latency, &row), 2); /* and that of the next hop, which waits for an answer */
	assert_int_equal(row->of, LATENCY_STAGE);
	assert_int_equal(row->id, GROUP);
	assert_int_equal(row->interface, INTO);
	assert_int_equal(row->sent, 2);
	assert_int_equal(row->returned, 2);
	assert_int_equal(row->longest, 150 * US);
	assert_int_equal(row->bucket[17], 2); /* 131,072 to 262,143 ns */
	assert_int_equal(row[1].of, LATENCY_NEXT_HOP);
	assert_int_equal(row[1].sent, 2);
	assert_int_equal(row[1].returned, 0);
	latency_free(latency);
}

/* What comes back must be the packet that went out; and the same one twice is nobody's measure. */
static void other_packets(void **state)
{
	struct latency *latency = latency_new();
	struct segment other = asks;
	const struct latency_row *row;
	struct seen seen;

	(void)state;
	fill(&seen, &asks, 4, 0);
	to_stage(&seen);
	latency_take(latency, &seen.observed);
	other.seq++;
	fill(&seen, &other, 4, MS);
	from_stage(&seen);
	seen.head.out_ifindex = 0;
	latency_take(latency, &seen.observed);
	row = only_row(latency);
	assert_int_equal(row->sent, 1);
	assert_int_equal(row->returned, 0);
	fill(&seen, &asks, 4, 2 * MS);
	to_stage(&seen);
	latency_take(latency, &seen.observed);
	fill(&seen, &asks, 4, 3 * MS);
	from_stage(&seen);
	seen.head.out_ifindex = 0;
	latency_take(latency, &seen.observed);
	assert_int_equal(row->sent, 0);
	assert_int_equal(row->returned, 0);
	latency_free(latency);
}

static void a_round_trip(void **state)
{
	struct latency *latency = latency_new();
	struct segment syn = asks, syn_ack = answers;
	const struct latency_row *row;
	struct seen seen;

	(void)state;
	syn.flags = SYN;
	syn.data = 0;
	syn_ack.flags = SYN | ACK;
	syn_ack.ack = syn.seq + 1;
	fill(&seen, &syn, 4, 0);
	seen.head.last.encapsulated = TUNNEL;
	latency_take(latency, &seen.observed);
	fill(&seen, &syn_ack, 4, 12 * MS);
	seen.head.out_ifindex = 0; /* dropped: it is an answer all the same */
	latency_take(latency, &seen.observed);
	row = only_row(latency);
	assert_int_equal(row->of, LATENCY_TUNNEL);
	assert_int_equal(row->id, TUNNEL);
	assert_int_equal(row->returned, 1);
	assert_int_equal(row->longest, 12 * MS);
	fill(&seen, &asks, 4, 20 * MS);
	seen.head.last.encapsulated = TUNNEL;
	latency_take(latency, &seen.observed);
	fill(&seen, &answers, 4, 21 * MS);
	latency_take(latency, &seen.observed);
	assert_int_equal(row->sent, 2);
	assert_int_equal(row->returned, 2);
	assert_int_equal(latency_quantile(row, 1000), 12 * MS);
	latency_free(latency);
}

/* Retransmitted, acknowledged by half, reset, from elsewhere: no round trips. */
static void no_round_trips(void **state)
{
	struct latency *latency = latency_new();
	struct segment half = answers, reset = answers, elsewhere = answers;
	const struct latency_row *row;
	struct seen seen;

	(void)state;
	half.ack--;
	reset.flags = RST | ACK;
	elsewhere.from = 3;
	fill(&seen, &asks, 4, 0);
	latency_take(latency, &seen.observed);
	for (int i = 0; i < 3; i++) {
		fill(&seen, i == 0 ? &half : i == 1 ? &reset : &elsewhere, 4, MS);
		latency_take(latency, &seen.observed);
	}
	row = only_row(latency);
	assert_int_equal(row->sent, 1);
	fill(&seen, &asks, 4, 2 * MS);
	latency_take(latency, &seen.observed);
	fill(&seen, &answers, 4, 3 * MS);
	latency_take(latency, &seen.observed);
	assert_int_equal(row->sent, 0);
	assert_int_equal(row->returned, 0);
	latency_free(latency);
}

/* Frames of any length, which end anywhere: nothing is read behind them. */
static void cut_short(void **state)
{
	struct latency *latency = latency_new();
	struct latency_packet packet;
	struct seen seen;

	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2)
		for (uint16_t kept = 0; kept <= HEADERS_6; kept++) {
			uint8_t *exact = test_malloc(kept ? kept : 1);

			fill(&seen, &asks, family, 0);
			memcpy(exact, seen.byte, kept);
			seen.head.in_kept = kept;
			seen.observed.in = exact;
			latency_take(latency, &seen.observed);
			assert_int_equal(latency_packet(&seen.observed, &packet),
					 kept >= (family == 4 ? HEADERS : HEADERS_6) - 20);
			assert_int_equal(packet.segment, kept >= (family == 4 ? HEADERS : HEADERS_6));
			test_free(exact);
		}
	fill(&seen, &asks, 4, 0);
	seen.observed.in = NULL;
	assert_false(latency_packet(&seen.observed, &packet));
	latency_free(latency);
}

/* A tag that stood beside the frame is in it. */
static void tagged(void **state)
{
	struct latency_packet with, without;
	struct seen seen;

	(void)state;
	fill(&seen, &asks, 4, 0);
	assert_true(latency_packet(&seen.observed, &without));
	memmove(seen.byte + 16, seen.byte + 12, HEADERS - 12);
	put32(seen.byte + 12, 0x81000007);
	seen.head.in_kept += 4;
	assert_true(latency_packet(&seen.observed, &with));
	assert_true(with.same == without.same && with.asked == without.asked && with.segment);
}

static void quantiles(void **state)
{
	struct latency_row row = {.returned = 100, .longest = 5000, .bucket = {[10] = 50, [11] = 49, [12] = 1}};
	const struct latency_row none = {0};

	(void)state;
	assert_int_equal(latency_quantile(&none, 500), 0);
	assert_int_equal(latency_quantile(&row, 500), 2048);
	assert_int_equal(latency_quantile(&row, 250), 1536);
	assert_int_equal(latency_quantile(&row, 990), 4096);
	assert_int_equal(latency_quantile(&row, 1000), 5000);
}

/* More ways than there are rows for, and more packets than marks: the rest is left out. */
static void too_many(void **state)
{
	struct latency *latency = latency_new();
	const struct latency_row *rows;
	struct segment segment = asks;
	struct seen seen;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		segment.seq = i * 7919;
		fill(&seen, &segment, 4, i);
		seen.head.last.next_hop = (uint16_t)(1 + i % (LATENCY_ROWS + 10));
		latency_take(latency, &seen.observed);
	}
	assert_int_equal(latency_rows(latency, &rows), LATENCY_ROWS);
	latency_free(latency);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stage),	  cmocka_unit_test(other_packets), cmocka_unit_test(a_round_trip),
		cmocka_unit_test(no_round_trips), cmocka_unit_test(cut_short),	   cmocka_unit_test(tagged),
		cmocka_unit_test(quantiles),	  cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

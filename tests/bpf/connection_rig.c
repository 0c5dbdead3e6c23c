/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/connection_rig.h"

#include <string.h>
#include <time.h>

#include "connection.skel.h" /* of the types above */

struct own_program own;
struct trial *trial;
struct dp_connection_set4 *sets4;
struct dp_connection_set6 *sets6;
struct dp_conntrack *conntracks;
struct dp_connection_head *connection_head;

bool ipv6; /* the cases run over both */

int connection_rig_open(uint32_t connections)
{
	struct dp_limits limits = {.connections = connections};
	size_t size;
	const void *bytes = connection_bpf__elf_bytes(&size);
	int error = own_program_load(&own, bytes, size, &limits);

	if (error)
		return error;
	trial = own_program_map(&own, ".bss");
	sets4 = own_program_map(&own, "connections4");
	sets6 = own_program_map(&own, "connections6");
	conntracks = own_program_map(&own, "conntracks");
	connection_head = own_program_map(&own, "connection_head");
	connection_head->secret[0] = 0x0706050403020100;
	connection_head->secret[1] = 0x0f0e0d0c0b0a0908;
	return 0;
}

void connection_rig_reset(void)
{
	memset(sets4, 0, sizeof(*sets4) * own.limits.connections / 2);
	memset(sets6, 0, sizeof(*sets6) * own.limits.connections / 4);
	memset(conntracks, 0, sizeof(*conntracks) * (own.limits.vrfs + 1));
	*trial = (struct trial){.act = ACT_OPEN, .rule = 7, .epoch = 9, .vrf = VRF};
	connection_head->evicted = 0;
}

uint32_t connection_now_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) >> DP_CONNECTION_SHIFT) &
	       DP_CONNECTION_TIME;
}

static struct dp_connection *entry4(uint32_t i)
{
	return &sets4[i / DP_CONNECTION_WAYS].way[i % DP_CONNECTION_WAYS].connection;
}

static struct dp_connection *entry6(uint32_t i)
{
	return &sets6[i / DP_CONNECTION_WAYS].way[i % DP_CONNECTION_WAYS].connection;
}

uint32_t count4(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < own.limits.connections * 2; i++)
		count += entry4(i)->life != 0;
	return count;
}

uint32_t count6(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < own.limits.connections; i++)
		count += entry6(i)->life != 0;
	return count;
}

struct dp_connection *only_entry(void)
{
	struct dp_connection *only = NULL;

	assert_int_equal(count4() + count6(), 1);
	for (uint32_t i = 0; i < own.limits.connections * 2; i++)
		if (entry4(i)->life)
			only = entry4(i);
	for (uint32_t i = 0; i < own.limits.connections; i++)
		if (entry6(i)->life)
			only = entry6(i);
	return only;
}

void send_frame(const struct frame *frame)
{
	assert_int_equal(own_program_run(own_program_fd(&own, "connection_try"), frame->byte, frame->length, 1), 1);
}

uint32_t entry_state(void)
{
	return dp_connection_state(only_entry()->life);
}

static const char *address_of(char end)
{
	if (ipv6)
		return end == A ? "2001:db8::a" : "2001:db8:1::1";
	return end == A ? "10.9.8.7" : "10.0.0.1"; /* A is the higher one of IPv4, and the lower one of IPv6 */
}

struct frame_spec spec_from(char from, uint8_t protocol)
{
	return (struct frame_spec){.dst = 1,
				   .src = 2,
				   .ip = {.src = address_of(from),
					  .dst = address_of(from == A ? B : A),
					  .protocol = protocol,
					  .src_port = from == A ? 40000 : 443,
					  .dst_port = from == A ? 443 : 40000}};
}

static void put32(struct frame *frame, size_t offset, uint32_t value)
{
	frame_put16(frame, offset, (uint16_t)(value >> 16));
	frame_put16(frame, offset + 2, (uint16_t)value);
}

struct frame tcp_frame(const struct tcp_step *step)
{
	struct frame_spec spec = spec_from(step->from, TCP);
	size_t tcp = frame_ip(&spec) + (ipv6 ? 40 : 20);
	struct frame frame;

	spec.ip.payload = step->bytes;
	frame = frame_build(&spec);
	put32(&frame, tcp + 4, step->sequence);
	put32(&frame, tcp + 8, step->acknowledges);
	frame.byte[tcp + 12] = 5 << 4;
	frame.byte[tcp + 13] = step->flags;
	return frame;
}

void play(const struct tcp_step *steps, size_t count)
{
	connection_rig_reset();
	for (size_t i = 0; i < count; i++) {
		struct frame frame = tcp_frame(&steps[i]);
		uint32_t then;

		send_frame(&frame);
		then = count4() + count6() ? entry_state() : 0;
		if (trial->state != steps[i].state || then != steps[i].then)
			fail_msg("IPv%c, %s: state %u instead of %u, and the entry %u instead of %u", ipv6 ? '6' : '4',
				 steps[i].name, trial->state, steps[i].state, then, steps[i].then);
		if (trial->found)
			assert_int_equal(trial->reply, steps[i].from == B);
	}
}

/* Over both families. */
void play_both(const struct tcp_step *steps, size_t count)
{
	for (int family = 0; family < 2; family++) {
		ipv6 = family;
		play(steps, count);
	}
}

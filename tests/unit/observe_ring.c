/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a ring as the kernel writes them, and the newest samples, without a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/bpf.h>

#include <cmocka.h>

#include "vnf/observe/recent.h"
#include "vnf/observe/ring.h"

#define SIZE   4096U
#define LENGTH 1024 /* of an entry here */

static uint64_t consumer, producer;
static _Alignas(8) uint8_t bytes[2 * SIZE];
static struct ring ring = {&consumer, &producer, bytes, SIZE};

static uint32_t told;
static uint64_t last_packet;

static void take(void *context, const struct observed *observed)
{
	assert_ptr_equal(context, &ring);
	told++;
	last_packet = observed->head->packet;
}

static void clear(void)
{
	memset(bytes, 0, sizeof(bytes));
	consumer = producer = 0;
	told = 0;
}

/* The kernel sees the bytes once; who reads sees them twice. */
static void write_entry(const void *entry, uint32_t length, uint32_t flags)
{
	const uint8_t *from = entry;
	uint32_t header[2] = {length | flags};
	uint64_t at = producer;

	for (size_t i = 0; i < sizeof(header) + length; i++, at++) {
		uint8_t byte = i < sizeof(header) ? ((uint8_t *)header)[i] : from[i - sizeof(header)];

		bytes[at % SIZE] = bytes[at % SIZE + SIZE] = byte;
	}
	producer = (at + 7) / 8 * 8;
}

static void write_packet(uint64_t packet, uint32_t flags)
{
	static _Alignas(8) uint8_t entry[LENGTH];
	struct dp_observation head = {.packet = packet, .in_kept = 5};

	memset(entry, 0, sizeof(entry));
	memcpy(entry, &head, sizeof(head));
	write_entry(entry, sizeof(head) + 8, flags);
}

static void entries(void **state)
{
	(void)state;
	clear();
	assert_int_equal(ring_read(&ring, take, &ring), 0);
	for (uint64_t i = 1; i <= 200; i++) { /* around several times */
		write_packet(i, 0);
		assert_int_equal(ring_read(&ring, take, &ring), 1);
		assert_int_equal(last_packet, i);
		assert_int_equal(consumer, producer);
	}
	assert_true(producer > 3 * SIZE);
}

/* What a CPU still writes holds up those behind it; what it has thrown away does not. */
static void busy_and_discarded(void **state)
{
	uint64_t busy;

	(void)state;
	clear();
	write_packet(1, BPF_RINGBUF_DISCARD_BIT);
	busy = producer;
	write_packet(2, BPF_RINGBUF_BUSY_BIT);
	write_packet(3, 0);
	assert_int_equal(ring_read(&ring, take, &ring), 0);
	assert_int_equal(consumer, busy);
	bytes[busy + 3] &= 0x3f;
	assert_int_equal(ring_read(&ring, take, &ring), 2);
	assert_int_equal(last_packet, 3);
}

/* No entry is read beyond its end, whatever its head says. */
static void heads_that_lie(void **state)
{
	static _Alignas(8) uint8_t entry[LENGTH];
	struct dp_observation head = {.in_kept = 9, .out_kept = 1, .steps = 1};
	const size_t whole = sizeof(head) + 16 + 8 + sizeof(struct dp_step);
	struct observed observed;

	(void)state;
	memcpy(entry, &head, sizeof(head));
	assert_true(whole <= sizeof(entry));
	assert_true(ring_entry(entry, whole, &observed));
	assert_ptr_equal(observed.in, entry + sizeof(head));
	assert_ptr_equal(observed.out, entry + sizeof(head) + 16);
	assert_ptr_equal(observed.steps, entry + sizeof(head) + 24);
	assert_false(ring_entry(entry, whole - 1, &observed));
	assert_false(ring_entry(entry, sizeof(head) - 1, &observed));
	head = (struct dp_observation){.in_kept = DP_OBSERVED_FRAME + 1};
	memcpy(entry, &head, sizeof(head));
	assert_false(ring_entry(entry, sizeof(entry), &observed));
	head = (struct dp_observation){.steps = DP_OBSERVED_STEPS + 1};
	memcpy(entry, &head, sizeof(head));
	assert_false(ring_entry(entry, sizeof(entry), &observed));
	head = (struct dp_observation){0};
	memcpy(entry, &head, sizeof(head));
	assert_true(ring_entry(entry, sizeof(head), &observed));
	assert_null(observed.in);
	assert_null(observed.out);
	assert_null(observed.steps);
}

static void see(void *context, const struct observed *observed, uint64_t lost)
{
	uint64_t *expected = context;

	(void)lost;
	assert_int_equal(observed->head->packet, (*expected)--);
	assert_int_equal(observed->head->in_kept, RECENT_FRAME);
	assert_int_equal(observed->in[0], (uint8_t)observed->head->packet);
}

static void newest_first(void **state)
{
	const uint64_t count = RECENT_SAMPLES + 100;
	struct recent recent = {0};
	uint64_t expected = count;
	uint8_t frame[DP_OBSERVED_FRAME] = {0};

	(void)state;
	assert_int_equal(recent_see(&recent, 5, see, &expected), 0);
	assert_int_equal(recent_open(&recent), 0);
	for (uint64_t i = 1; i <= count; i++) {
		struct dp_observation head = {.packet = i, .in_kept = sizeof(frame)};
		const struct observed observed = {.head = &head, .in = frame};

		frame[0] = (uint8_t)i;
		recent_add(&recent, &observed);
	}
	assert_int_equal(recent_see(&recent, 5, see, &expected), 5);
	expected = count;
	assert_int_equal(recent_see(&recent, SIZE_MAX, see, &expected), RECENT_SAMPLES);
	assert_int_equal(expected, count - RECENT_SAMPLES);
	recent_close(&recent);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(busy_and_discarded),
		cmocka_unit_test(heads_that_lie),
		cmocka_unit_test(newest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

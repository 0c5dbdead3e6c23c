/* SPDX-License-Identifier: Apache-2.0 */
/* What a source makes of messages, without a kernel: the guard, the maximum, batches that are refused, and each
 * allocation failing in turn. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing.h"
#include "vnf/core/clock.h"
#include "vnf/core/error.h"
#include "vnf/sources/batch.h"
#include "vnf/sources/guard.h"

#define TABLE 7
#define NOW   UINT64_C(5000000000)

static struct nexthop_table nexthops;
static struct hop_list list;
static struct route_message message;

static struct source *new_source(uint32_t max_routes)
{
	const struct source_config config = {
		.source = 1, .table = TABLE, .max_routes = max_routes, .allow_bogons = true};

	return source_new(&config, &nexthops, NULL, &list);
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix result;

	assert_int_equal(ip_prefix_parse(text, &result), 0);
	return result;
}

/* A route by so many gateways of one device. */
static const struct route_message *route(bool added, const char *text, uint32_t metric, size_t hops)
{
	memset(&message, 0, sizeof(message));
	message.added = added;
	message.flags = NLM_F_REPLACE;
	message.table = TABLE;
	message.prefix = prefix(text);
	message.protocol = 186;
	message.kind = SOURCE_HOP_GATEWAY;
	message.metric = metric;
	message.hops = hops;
	for (size_t i = 0; i < hops; i++)
		message.hop[i] = (struct kernel_hop){.ifindex = 3,
						     .weight = 1,
						     .kind = SOURCE_HOP_GATEWAY,
						     .gateway = {.family = 4, .byte = {10, 0, 0, (uint8_t)(i + 2)}}};
	return &message;
}

static struct batch *next_batch(struct source *source)
{
	struct batch *batch;

	assert_int_equal(batch_new(source, NOW, 0, &batch), 0);
	assert_non_null(batch);
	return batch;
}

static void interns_groups_by_content(void **state)
{
	struct source *source = new_source(10);
	struct batch *batch;

	(void)state;
	source->read = true;
	assert_int_equal(source_take(source, route(true, "203.0.113.0/24", 20, 2), NOW), 0);
	assert_int_equal(source_take(source, route(true, "203.0.114.0/24", 20, 2), NOW), 0);
	message.hop[0].gateway.byte[3] = 3; /* the same hops in another order */
	message.hop[1].gateway.byte[3] = 2;
	message.prefix = prefix("203.0.115.0/24");
	assert_int_equal(source_take(source, &message, NOW), 0);
	batch = next_batch(source);
	assert_true(batch->batch.first);
	assert_int_equal(batch->batch.groups, 1);
	assert_int_equal(batch->batch.group[0].hops, 2);
	assert_int_equal(batch->batch.changes, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(batch->batch.change[i].group, batch->batch.group[0].number);
	batch_end(source, batch, true, NOW);
	/* Its last user gone, the group goes with the same batch. */
	assert_int_equal(source_take(source, route(false, "203.0.113.0/24", 20, 2), NOW), 0);
	assert_int_equal(source_take(source, route(true, "203.0.114.0/24", 20, 3), NOW), 0);
	assert_int_equal(source_take(source, route(true, "203.0.115.0/24", 20, 3), NOW), 0);
	batch = next_batch(source);
	assert_int_equal(batch->batch.groups, 1);
	assert_int_equal(batch->batch.gone, 1);
	assert_int_equal(batch->batch.change[0].group, 0);
	/* Refused, all of it comes again. */
	batch_end(source, batch, false, NOW);
	batch = next_batch(source);
	assert_int_equal(batch->batch.changes, 3);
	assert_int_equal(batch->batch.groups, 1);
	assert_int_equal(batch->batch.gone, 1);
	batch_end(source, batch, true, NOW);
	assert_int_equal(source->groups.content.used, 1);
	assert_int_equal(source->live, 2);
	source_free(source);
}

/* A removal waits; an addition that follows it makes one change of both. */
static void holds_removals_back(void **state)
{
	const uint64_t hold = 2000000;
	struct source *source = new_source(10);
	struct batch *batch;

	(void)state;
	assert_int_equal(source_take(source, route(true, "203.0.113.0/24", 20, 1), NOW), 0);
	batch_end(source, next_batch(source), true, NOW);
	assert_int_equal(source_take(source, route(false, "203.0.113.0/24", 20, 1), NOW), 0);
	assert_int_equal(source_take(source, route(true, "203.0.114.0/24", 20, 1), NOW), 0);
	assert_int_equal(batch_new(source, NOW + hold / 2, hold, &batch), 0);
	assert_int_equal(batch->batch.changes, 1); /* the other one */
	batch_end(source, batch, true, NOW);
	assert_int_equal(batch_new(source, NOW + hold / 2, hold, &batch), 0);
	assert_null(batch);
	assert_int_equal(source_take(source, route(true, "203.0.113.0/24", 20, 2), NOW + hold / 2), 0);
	assert_int_equal(batch_new(source, NOW + hold / 2, hold, &batch), 0);
	assert_int_equal(batch->batch.changes, 1);
	assert_int_not_equal(batch->batch.change[0].group, 0);
	batch_end(source, batch, true, NOW);
	assert_int_equal(source_take(source, route(false, "203.0.113.0/24", 20, 2), NOW), 0);
	assert_int_equal(batch_new(source, NOW + hold, hold, &batch), 0);
	assert_int_equal(batch->batch.change[0].group, 0); /* nothing came */
	batch_end(source, batch, true, NOW);
	source_free(source);
}

static void keeps_what_it_had_beyond_the_maximum(void **state)
{
	struct source *source = new_source(2);

	(void)state;
	assert_int_equal(source_take(source, route(true, "203.0.113.0/24", 20, 1), NOW), 0);
	assert_int_equal(source_take(source, route(true, "203.0.114.0/24", 20, 1), NOW), 0);
	assert_false(source->frozen);
	assert_int_equal(source_take(source, route(true, "203.0.115.0/24", 20, 1), NOW), 0);
	assert_true(source->frozen);
	assert_int_equal(source->live, 2);
	/* What it has goes on: a change, a further metric, a removal. */
	assert_int_equal(source_take(source, route(true, "203.0.113.0/24", 10, 2), NOW), 0);
	assert_int_equal(source_take(source, route(false, "203.0.114.0/24", 20, 1), NOW), 0);
	assert_int_equal(source->live, 1);
	/* A reading finds that all of the table fits. */
	source_read_begin(source);
	assert_int_equal(source_read(source, route(true, "203.0.113.0/24", 10, 2), NOW), 0);
	assert_int_equal(source_read(source, route(true, "203.0.115.0/24", 20, 1), NOW), 0);
	source_read_end(source, 4, NOW);
	source_read_end(source, 6, NOW);
	assert_false(source->frozen);
	assert_int_equal(source->live, 2);
	source_free(source);
}

static enum source_guard guard(const struct source_config *config, const char *text)
{
	struct ip_prefix of = prefix(text);

	return guard_check(config, &of);
}

static void guards_prefixes(void **state)
{
	struct source_range range[] = {
		{prefix("10.0.0.0/8"), 8, 24}, {prefix("10.1.0.0/16"), 32, 32}, {prefix("2a00::/16"), 32, 48}};
	struct source_config config = {.ranges = 3, .range = range};

	(void)state;
	assert_int_equal(guard(&config, "10.0.0.0/8"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "10.2.3.0/24"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "10.2.3.0/25"), SOURCE_NOT_ALLOWED);
	assert_int_equal(guard(&config, "10.1.3.1/32"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "10.2.3.1/32"), SOURCE_NOT_ALLOWED);
	assert_int_equal(guard(&config, "0.0.0.0/0"), SOURCE_NOT_ALLOWED);
	assert_int_equal(guard(&config, "11.0.0.0/8"), SOURCE_NOT_ALLOWED);
	assert_int_equal(guard(&config, "2a00:1::/32"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "2a00:1::/49"), SOURCE_NOT_ALLOWED);
	config.ranges = 0;
	assert_int_equal(guard(&config, "0.0.0.0/0"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "::/0"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "::/8"), SOURCE_BOGON);
	assert_int_equal(guard(&config, "127.0.0.1/32"), SOURCE_BOGON);
	assert_int_equal(guard(&config, "126.0.0.0/7"), SOURCE_ALLOWED); /* above one, not below */
	assert_int_equal(guard(&config, "203.0.113.128/25"), SOURCE_BOGON);
	assert_int_equal(guard(&config, "240.0.0.0/4"), SOURCE_BOGON);
	assert_int_equal(guard(&config, "2001:db8:1::/48"), SOURCE_BOGON);
	assert_int_equal(guard(&config, "2001:db9::/32"), SOURCE_ALLOWED);
	assert_int_equal(guard(&config, "100::1/128"), SOURCE_BOGON);
	assert_int_equal(guard(&config, "fe80::/64"), SOURCE_BOGON);
	config.allow_bogons = true;
	assert_int_equal(guard(&config, "127.0.0.1/32"), SOURCE_ALLOWED);
}

/* Takes the n-th of some messages; 0: there are no more. */
static int take(struct source *source, unsigned int n)
{
	static char text[64];

	if (n >= 2000)
		return -1;
	snprintf(text, sizeof(text), n % 2 ? "2a00:%x::/32" : "10.%u.0.0/16", n / 2 % 200);
	route(n % 7 != 0, text, 10 + n % 3, 1 + n % 5);
	if (n % 11 == 0)
		message.flags = NLM_F_APPEND;
	return source_take(source, &message, NOW);
}

/* All messages and some batches: a failure is met by doing the same once more, as a reading does. */
static struct source *take_all(unsigned int *failures)
{
	struct source *source;
	struct batch *batch;

	while (!(source = new_source(1000)))
		++*failures;
	for (unsigned int n = 0; n < 2000; n++) {
		while (take(source, n) == -ENOMEM)
			++*failures;
		if (n % 300 != 299)
			continue;
		while (batch_new(source, NOW, 0, &batch) == -ENOMEM)
			++*failures;
		if (batch)
			batch_end(source, batch, true, NOW);
	}
	return source;
}

static size_t summary(struct source *source)
{
	struct batch *batch;
	size_t sum = 0;

	source_touch_all(source, NOW);
	batch = next_batch(source);
	for (size_t i = 0; i < batch->batch.changes; i++) {
		const struct source_change *change = &batch->batch.change[i];

		assert_true(change->group);
		sum = sum * 31 + change->metric * 7 + group_set_content(&source->groups, change->group).hops;
	}
	sum = sum * 31 + batch->batch.changes;
	batch_end(source, batch, true, NOW);
	source_free(source);
	return sum;
}

static void survives_want_of_memory(void **state)
{
	unsigned int failures = 0, n = 0;
	size_t expected = summary(take_all(&failures)), sum;
	bool failed = true;

	(void)state;
	assert_int_equal(failures, 0);
	while (failed) {
		struct source *source;

		fail_in = ++n;
		source = take_all(&failures);
		failed = fail_in == 0;
		fail_in = 0;
		sum = summary(source);
		assert_int_equal(sum, expected);
	}
	assert_true(n > 30);
	assert_true(failures > 20);
}

static void ready(void *context, struct source_batch *batch)
{
	(void)context;
	(void)batch;
}

/* A mirror, and what it is to follow: there whole, or refused with nothing left behind. */
static void refuses_without_memory(void **state)
{
	const struct mirror_ops ops = {.ready = ready};
	struct mirror *mirror = NULL;
	struct error error = {0};
	unsigned int n = 0;
	int result;

	(void)state;
	while (!mirror) {
		fail_in = ++n;
		mirror = mirror_new(&ops, &error);
		fail_in = 0;
		assert_true(mirror || error.code == ERROR_RESOURCE_EXHAUSTED || error.code == ERROR_INTERNAL);
	}
	assert_true(n > 3);
	for (n = 1, result = -ENOMEM; result; n++) {
		struct source_config config[2] = {{.source = 1, .table = 4000000001, .max_routes = 1, .ranges = 1},
						  {.source = 2, .table = 4000000002, .max_routes = 1, .ranges = 1}};
		struct source_facts facts;

		config[0].range = calloc(1, sizeof(*config[0].range));
		config[1].range = calloc(1, sizeof(*config[1].range));
		fail_in = n;
		result = mirror_follow(mirror, config, 2);
		fail_in = 0;
		assert_true(result == 0 || result == -ENOMEM);
		assert_int_equal(mirror_facts(mirror, 2, &facts), result ? -ENOENT : 0);
	}
	assert_true(n > 3);
	assert_true(mirror_wait_first(mirror, monotonic_ms() + 20000));
	mirror_free(mirror);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interns_groups_by_content),
		cmocka_unit_test(holds_removals_back),
		cmocka_unit_test(keeps_what_it_had_beyond_the_maximum),
		cmocka_unit_test(guards_prefixes),
		cmocka_unit_test(survives_want_of_memory),
		cmocka_unit_test(refuses_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "reconciler_fixture.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/compile.h"
#include "vnf/reconcile/devices.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/fib/fib.h"

struct loop *loop;
static struct dataplane *dataplane;
struct reconciler *reconciler;
static struct snapshot *now, *next;	  /* the committed one, and the one in the making */
static struct delta_entry entries[2][64]; /* of the last commit, and of that in the making */
static struct delta delta;

void change(struct resource *after)
{
	const struct route *route = (const struct route *)after;

	delta.entry[delta.count].before =
		after->kind == RESOURCE_ROUTE
			? snapshot_find_key(next, after->kind,
					    &(struct resource_key){route->key.vrf->text, &route->key.prefix})
			: snapshot_find(next, after->kind, after->self->text);
	delta.entry[delta.count++].after = after;
	fake_put(next, after);
}

void withdraw(enum resource_kind kind, const char *name)
{
	delta.entry[delta.count++] = (struct delta_entry){.before = snapshot_find(next, kind, name)};
	fake_remove(next, kind, name);
}

void withdraw_route(const char *vrf, const char *prefix)
{
	struct route *route = (struct route *)fake_route(vrf, prefix, "group", 0);

	delta.entry[delta.count++] = (struct delta_entry){
		.before = snapshot_find_key(next, RESOURCE_ROUTE, &(struct resource_key){vrf, &route->key.prefix})};
	fake_remove_route(next, vrf, prefix);
}

/* Commits what was changed; takes it back on failure. */
int commit(void)
{
	struct error error = {0};
	int result = reconciler_commit(reconciler, next, &delta, &error);

	delta.count = 0;
	if (result) {
		assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
		memcpy(next, now, sizeof(*now));
		return result;
	}
	assert_int_equal(error.count, 0);
	/* program keeps `next` until the next call has returned; the old one becomes the one in the making. */
	struct snapshot *old = now;
	now = next;
	next = old;
	memcpy(next, now, sizeof(*now));
	delta.entry = delta.entry == entries[0] ? entries[1] : entries[0];
	return 0;
}

void commit_delta(const struct delta *differences)
{
	struct error error = {0};

	assert_int_equal(reconciler_commit(reconciler, now, differences, &error), 0);
}

static size_t table_bytes(enum dp_table table)
{
	return bank_rows(dataplane_limits(dataplane), table) * bank_row_size(table);
}

void assert_as_compiled_anew(void)
{
	struct compile *compile = compile_new(dataplane_limits(dataplane));
	struct bank *bank = bank_new(dataplane_limits(dataplane));
	struct error error = {0};

	assert_non_null(compile);
	compile->devices = devices_new(dataplane);
	compile->bank = bank;
	compile->snapshot = now;
	compile->error = &error;
	assert_true(compile->devices && compile->bank);
	assert_int_equal(compile_run(compile, COMPILE_ALL), 0);
	assert_memory_equal(compile->bank->next_hops, active()->next_hops, table_bytes(DP_TABLE_next_hops));
	assert_memory_equal(compile->bank->groups, active()->groups, table_bytes(DP_TABLE_groups));
	bank_free(bank);
	devices_free(compile->devices);
	compile_free(compile);
}

const struct bank *active(void)
{
	return fake_bank[fake_generation & 1];
}

const struct bank *idle(void)
{
	return fake_bank[!(fake_generation & 1)];
}

struct bank *bank_copy(const struct bank *bank)
{
	struct bank *copy = bank_new(dataplane_limits(dataplane));

	assert_non_null(copy);
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		memcpy(bank_table(copy, table), bank_table(bank, table), table_bytes(table));
	return copy;
}

void assert_bank_equal(const struct bank *a, const struct bank *b)
{
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		assert_memory_equal(bank_table(a, table), bank_table(b, table), table_bytes(table));
}

void assert_compiled_equal(void)
{
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		if (table != DP_TABLE_trees && table != DP_TABLE_fib)
			assert_memory_equal(bank_table(active(), table), bank_table(idle(), table), table_bytes(table));
}

void assert_banks_equal(void)
{
	assert_bank_equal(active(), idle());
}

size_t words_that_differ(const struct bank *a, const struct bank *b)
{
	size_t count = 0;

	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++) {
		const uint32_t *x = bank_table(a, table), *y = bank_table(b, table);

		for (size_t i = 0; i < table_bytes(table) / sizeof(*x); i++)
			count += x[i] != y[i];
	}
	return count;
}

/* What a packet would find. */
struct dp_fib_leaf lookup_in(const struct bank *bank, const char *vrf, const char *text)
{
	struct fib *reader = fib_new(bank->fib, dataplane_limits(dataplane)->fib_words, bank->trees,
				     dataplane_limits(dataplane)->vrfs);
	struct ip_address address;
	struct dp_fib_leaf leaf;

	ip_address_parse(text, &address);
	leaf = fib_lookup(reader, (uint16_t)fake_id(RESOURCE_VRF, vrf), &address);
	fib_free(reader);
	return leaf;
}

uint32_t route_to(const char *vrf, const char *text)
{
	return lookup_in(active(), vrf, text).route;
}

uint32_t group_to(const char *vrf, const char *text)
{
	return lookup_in(active(), vrf, text).group;
}

void run_loop_until_generation(uint64_t generation)
{
	for (int i = 0; i < 200 && fake_generation < generation; i++) {
		const struct timeval most = {.tv_usec = 50000};

		event_base_loopexit(loop_base(loop), &most);
		event_base_loop(loop_base(loop), EVLOOP_ONCE);
	}
	assert_int_equal(fake_generation, generation);
}

int reconciler_set_up(void **state)
{
	struct error error = {0};

	(void)state;
	delta = (struct delta){.entry = entries[0]};
	now = calloc(1, sizeof(*now));
	next = calloc(1, sizeof(*next));
	loop = loop_new();
	dataplane = fake_dataplane_new();
	reconciler = reconciler_new(loop, dataplane, &error);
	assert_non_null(reconciler);

	fake_link(3, "eth0", true);
	fake_address(3, "192.0.2.254");
	change(fake_vrf("red", NULL));
	change(fake_interface("a", "eth0", "red", 0));
	change(fake_gateway("hop", "a", "192.0.2.1", "02:00:00:00:00:aa"));
	change(fake_group("group", "hop", NULL));
	change(fake_route("red", "10.0.0.0/8", "group", 1));
	assert_int_equal(commit(), 0);
	return 0;
}

int reconciler_tear_down(void **state)
{
	(void)state;
	reconciler_free(reconciler);
	assert_false(fake_is_attached(3));
	dataplane_free(dataplane);
	loop_free(loop);
	free(now);
	free(next);
	fake_reset();
	return 0;
}

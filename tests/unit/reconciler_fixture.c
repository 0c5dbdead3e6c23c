/* SPDX-License-Identifier: Apache-2.0 */
#include "reconciler_fixture.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "compile_run.h"
#include "vnf/reconcile/devices.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/paths.h"
#include "same_tables.h"
#include "vnf/core/clock.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/fib/fib.h"

struct loop *loop;
static struct dataplane *dataplane;
struct reconciler *reconciler;
int fixture_result;
static struct snapshot *now, *next;	  /* the committed one, and the one in the making */
static struct delta_entry entries[2][64]; /* of the last commit, and of that in the making */
static struct delta delta;

void change(struct resource *after)
{
	const struct resource_key key = resource_key(after);

	delta.entry[delta.count].before = snapshot_find_key(next, after->kind, &key);
	delta.entry[delta.count++].after = after;
	fake_put(next, after);
}

void withdraw_this(const struct resource *resource)
{
	delta.entry[delta.count++] = (struct delta_entry){.before = resource};
	fake_take(next, resource);
}

bool is_changed(enum resource_kind kind, const char *name)
{
	for (size_t i = 0; i < delta.count; i++) {
		const struct delta_entry *entry = &delta.entry[i];
		const struct resource *resource = entry->after ? entry->after : entry->before;

		if (resource->kind == kind && resource->self && strcmp(resource->self->text, name) == 0)
			return true;
	}
	return delta.count > sizeof(entries[0]) / sizeof(entries[0][0]) - 8;
}

bool is_key_changed(const struct resource *resource)
{
	for (size_t i = 0; i < delta.count; i++)
		if (resource_same_key(delta.entry[i].after ? delta.entry[i].after : delta.entry[i].before, resource))
			return true;
	return false;
}

const struct snapshot *in_the_making(void)
{
	return next;
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
		.before =
			snapshot_find_key(next, RESOURCE_ROUTE, &(struct resource_key){vrf, &route->key.prefix, NULL})};
	fake_remove_route(next, vrf, prefix);
}

const struct reconciler_gate *commit_gate;

/* Commits what was changed; takes it back on failure. */
int commit(void)
{
	struct error error = {0};
	int result = reconciler_commit(reconciler, next, &delta, commit_gate, &error);

	delta.count = 0;
	if (result) {
		assert_int_equal(error.code, fixture_result ? ERROR_INTERNAL : ERROR_RESOURCE_EXHAUSTED);
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

	assert_int_equal(reconciler_commit(reconciler, now, differences, NULL, &error), 0);
}

/* Of every VRF and address of a link: packets to it go to the kernel where it is a local route, and only there. */
static void assert_local_routes(const struct local_routes *local_routes)
{
	for (size_t i = 0; i < now->count[RESOURCE_VRF]; i++) {
		struct local_route local_route = {.vrf = now->resource[RESOURCE_VRF][i]->self};
		const struct netlink_address *address = NULL;

		while ((address = fake_next_address(address))) {
			char text[IP_ADDRESS_TEXT];

			local_route.prefix = (struct ip_prefix){.address = address->address,
								.length = address->address.family == 4 ? 32 : 128};
			assert_int_equal(group_to(local_route.vrf->text, ip_address_format(&address->address, text)) ==
						 DP_GROUP_LOCAL,
					 local_routes_find(local_routes, &local_route).group == DP_GROUP_LOCAL);
		}
	}
}

/* The numbers of hosts may differ, what they stand for may not. */
static void assert_same_way(const struct fib *a, const struct bank *rows_a, const struct fib *b,
			    const struct bank *rows_b, uint16_t vrf, const struct ip_address *address)
{
	const struct dp_fib_leaf left = fib_lookup(a, vrf, address), right = fib_lookup(b, vrf, address);

	assert_int_equal(left.group, right.group);
	if (left.group == DP_GROUP_HOST)
		assert_memory_equal(&rows_a->hosts[left.route], &rows_b->hosts[right.route], sizeof(rows_a->hosts[0]));
	else
		assert_int_equal(left.route, right.route);
}

/* Of every route's prefix and some neighbours: packets to it go where they would by the tables made anew, in both
 * banks.
 */
static void assert_same_routes(const struct fib *anew, const struct bank *rows)
{
	static const char *const hosts[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.99"};
	struct ip_address address;

	struct fib *readers[2];

	for (int i = 0; i < 2; i++) {
		readers[i] = fib_new(fake_bank[i]->fib, FAKE_FIB_WORDS, fake_bank[i]->trees, fake_limits.vrfs);
		assert_non_null(readers[i]);
	}
	for (size_t i = 0; i < now->count[RESOURCE_ROUTE]; i++) {
		const struct route *route = (const struct route *)now->resource[RESOURCE_ROUTE][i];

		for (int j = 0; j < 2; j++)
			assert_same_way(anew, rows, readers[j], fake_bank[j], (uint16_t)route->key.vrf->id,
					&route->key.prefix.address);
	}
	for (size_t i = 0; i < now->count[RESOURCE_VRF]; i++)
		for (size_t j = 0; j < 2 * sizeof(hosts) / sizeof(hosts[0]); j++) {
			ip_address_parse(hosts[j / 2], &address);
			assert_same_way(anew, rows, readers[j % 2], fake_bank[j % 2],
					(uint16_t)now->resource[RESOURCE_VRF][i]->self->id, &address);
		}
	fib_free(readers[0]);
	fib_free(readers[1]);
}

/* As the daemon that comes next has it. */
static struct health_targets *same_health(void)
{
	struct health_targets *health = health_targets_new();
	size_t size;
	char *text = health_write_text(reconciler_health(reconciler), &size);

	assert_true(health && text);
	assert_int_equal(health_read_text(health, text, size), 0);
	free(text);
	return health;
}

void assert_as_compiled_anew(void)
{
	const struct dp_limits *limits = dataplane_limits(dataplane);
	const struct facts facts = {.lost = true};
	const struct snapshot *nothing = calloc(1, sizeof(*nothing));
	struct tables *tables = tables_new(limits);
	struct bank *bank = bank_new(limits);
	struct fib *fib;
	struct policy *policy;
	struct delta everything = fake_delta(nothing, now);
	struct error error = {0};

	assert_true(tables && bank);
	tables->devices = devices_new(dataplane);
	tables->paths = paths_new(dataplane);
	tables->netlink = fake_netlink();
	tables->health = same_health();
	tables->writer.bank = bank;
	tables->fib = fib = fib_new(bank->fib, bank_rows(limits, DP_TABLE_fib), bank->trees, limits->vrfs);
	tables->policy = policy = policy_new(bank, limits);
	assert_true(fib && policy);
	fake_wanted_forget();
	assert_int_equal(tables_update(tables, now, &everything, &facts, &error), 0);
	assert_same_tables(limits, bank, active());
	assert_same_policy(limits, bank, active());
	assert_int_equal(tables->pending.count, 0); /* what readers see is right already */
	tables_finish(tables, false);
	assert_true(fake_wanted_again());
	assert_local_routes(tables_state(tables, TABLE_local_routes));
	assert_same_routes(fib, bank);
	devices_free(tables->devices);
	paths_free(tables->paths);
	health_targets_free(tables->health);
	tables_free(tables);
	fib_free(fib);
	policy_free(policy);
	bank_free(bank);
	free(everything.entry);
	free((void *)nothing);
}

const struct bank *active(void)
{
	return fake_bank[fake_generation & 1];
}

const struct bank *idle(void)
{
	return fake_bank[!(fake_generation & 1)];
}

size_t table_rows(int table)
{
	return bank_rows(dataplane_limits(dataplane), table);
}

static size_t bytes(int table)
{
	return table_rows(table) * bank_row_size(table);
}

void assert_tables_equal(const struct bank *a, const struct bank *b)
{
	for (int table = 0; table < DP_TABLE_COUNT; table++)
		if (!bank_table_is_engines((enum dp_table)table))
			assert_memory_equal(bank_table(a, table), bank_table(b, table), bytes(table));
}

void assert_bank_is(const struct bank *bank, const struct bank *copy)
{
	for (int table = 0; table < DP_TABLE_COUNT; table++)
		assert_memory_equal(bank_table(bank, table), bank_table(copy, table), bytes(table));
}

struct bank *copy_of(const struct bank *bank)
{
	struct bank *copy = bank_new(dataplane_limits(dataplane));

	assert_non_null(copy);
	for (int table = 0; table < DP_TABLE_COUNT; table++)
		memcpy(bank_table(copy, table), bank_table(bank, table), bytes(table));
	return copy;
}

void assert_banks_equal(void)
{
	assert_bank_is(active(), idle());
}

/* What a packet would find. */
struct dp_fib_leaf lookup_in(const struct bank *bank, const char *vrf, const char *text)
{
	struct fib *reader = fib_new(bank->fib, FAKE_FIB_WORDS, bank->trees, fake_limits.vrfs);
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
	uint64_t deadline = monotonic_ms() + 10000;

	while (fake_generation < generation && monotonic_ms() < deadline) {
		const struct timeval most = {.tv_usec = 50000};

		event_base_loopexit(loop_base(loop), &most);
		event_base_loop(loop_base(loop), EVLOOP_ONCE);
	}
	assert_int_equal(fake_generation, generation);
}

static int set_up(bool resumed)
{
	struct error error = {0};

	delta = (struct delta){.entry = entries[0]};
	now = calloc(1, sizeof(*now));
	next = calloc(1, sizeof(*next));
	loop = loop_new();
	dataplane = fake_dataplane_new();
	fake_adopted = resumed;
	reconciler = reconciler_new(loop, dataplane, &error);
	assert_non_null(reconciler);
	if (resumed)
		reconciler_start_at(reconciler, 6);

	fake_link(3, "eth0", true);
	fake_address(3, "192.0.2.254");
	change(fake_vrf("red", NULL));
	change(fake_interface("a", "eth0", "red", 0));
	change(fake_gateway("hop", "a", "192.0.2.1", "02:00:00:00:00:aa"));
	change(fake_group("group", "hop", NULL));
	change(fake_route("red", "10.0.0.0/8", "group", 1));
	assert_int_equal(commit(), fixture_result);
	return 0;
}

int reconciler_set_up(void **state)
{
	(void)state;
	return set_up(false);
}

int reconciler_set_up_resumed(void **state)
{
	(void)state;
	return set_up(true);
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

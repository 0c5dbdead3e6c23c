/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A commit of one change, of whatever kind, and one event of the kernel take the same steps beside few and beside many
 * other resources. Steps are the looks at facts, their changes, and the rows compared with what is in the bank.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler_fixture.h"
#include "vnf/core/loop.h"
#include "vnf/reconcile/bank_writer.h"
#include "vnf/reconcile/id_array.h"

#define OTHERS 60 /* of each kind, at the most */
/* Others may have a place in the same list of a hash. */
#define MORE 4

struct steps {
	unsigned int looks, changes, rows;
};

static struct steps steps;

const void *__real_id_array_get(const struct id_array *array, uint32_t id);
const void *__wrap_id_array_get(const struct id_array *array, uint32_t id);
bool __real_undo_log_set(struct undo_log *log, void *at, const void *value, size_t size);
bool __wrap_undo_log_set(struct undo_log *log, void *at, const void *value, size_t size);
void __real_bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value);
void __wrap_bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value);

const void *__wrap_id_array_get(const struct id_array *array, uint32_t id)
{
	steps.looks++;
	return __real_id_array_get(array, id);
}

bool __wrap_undo_log_set(struct undo_log *log, void *at, const void *value, size_t size)
{
	steps.changes++;
	return __real_undo_log_set(log, at, value, size);
}

void __wrap_bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value)
{
	steps.rows++;
	__real_bank_write(writer, table, row, value);
}

static void commit_and_settle(void)
{
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
}

struct text {
	char text[32];
};

static struct text name(const char *prefix, int number)
{
	struct text text;

	snprintf(text.text, sizeof(text.text), "%s%d", prefix, number);
	return text;
}
#define NAME(prefix, number) name(prefix, number).text

/* Number `number` of everything, or with 0 what is changed. Each stands on others of its number, and on the VRF. */
static void add(int number)
{
	struct text interface = name("i", 3 * number), in = name("i", 3 * number + 1), out = name("i", 3 * number + 2);
	uint16_t vlan = (uint16_t)(3 * number + 1);

	change(fake_vrf(NAME("v", number), "02:00:00:00:01:01"));
	for (int i = 0; i < 3; i++)
		change(fake_interface(NAME("i", 3 * number + i), number ? "eth1" : "eth2", NAME("v", number),
				      (uint16_t)(vlan + i)));
	change(fake_tunnel(NAME("t", number), DP_TUNNEL_VXLAN, "10.0.0.1", NAME("10.0.1.", number + 1), 4789, "red",
			   (uint32_t)(100 + number), NAME("v", number)));
	change(fake_gateway(NAME("h", number), interface.text, "192.0.2.7", "02:00:00:00:00:01"));
	change(fake_tunnel_hop(NAME("f", number), NAME("t", number), (uint32_t)(100 + number), "02:00:00:00:00:02"));
	change(fake_group(NAME("g", number), NAME("h", number), NAME("f", number), NULL));
	change(fake_pair(NAME("p", number), in.text, out.text));
	change(fake_pair_group(NAME("pg", number), false, NAME("p", number), NULL));
	change(fake_classifier(NAME("c", number), NAME("v", number), 1, NULL, NULL, 6, 80));
	if (number < 30) /* of as many chains there may be */
		change(fake_chain(NAME("k", number), true, NAME("c", number), NULL, NAME("pg", number), NULL));
	commit_and_settle();
}

static void begin(void)
{
	fake_link(4, "eth1", true);
	fake_link(5, "eth2", true);
	add(0);
	change(fake_gateway("asked", "a", "192.0.2.9", NULL));
	change(fake_interface("more", "eth2", "v0", 200));
	fake_neighbour(3, "192.0.2.9", "02:00:00:00:00:04");
	/* One tunnel's underlay has a gateway of its own. */
	change(fake_group("asked", "asked", NULL));
	change(fake_route("red", "10.0.2.0/24", "asked", 7));
	commit_and_settle();
}

static void vrf(bool again)
{
	change(fake_vrf("v0", again ? "02:00:00:00:01:02" : "02:00:00:00:01:03"));
}

static void interface(bool again)
{
	change(fake_interface("i0", "eth2", "v0", again ? 201 : 202));
}

static void tunnel(bool again)
{
	change(fake_tunnel("t0", DP_TUNNEL_VXLAN, "10.0.0.1", again ? "10.0.2.1" : "10.0.2.2", 4789, "red", 100, "v0"));
}

static void next_hop(bool again)
{
	change(again ? fake_gateway("h0", "i0", "192.0.2.8", "02:00:00:00:00:03")
		     : fake_gateway("h0", "i0", "192.0.2.8", NULL));
}

static void group(bool again)
{
	change(again ? fake_group("g0", "h0", NULL) : fake_group("g0", "f0", NULL));
}

static void route(bool again)
{
	change(fake_route("v0", "10.0.0.0/8", "g0", again ? 8 : 9));
}

/* Of one tunnel among those of its underlay. */
static void underlay_route(bool again)
{
	change(fake_route("red", "10.0.2.0/24", again ? "asked" : "group", again ? 7 : 8));
}

static void pair(bool again)
{
	change(fake_pair("p0", again ? "i1" : "i2", again ? "i2" : "i1"));
}

static void pair_group(bool again)
{
	change(fake_pair_group("pg0", again, "p0", NULL));
}

static void classifier(bool again)
{
	change(fake_classifier("c0", "v0", again ? 2 : 3, NULL, NULL, 6, 80));
}

static void chain(bool again)
{
	change(fake_chain("k0", again, "c0", NULL, "pg0", NULL));
}

/* Until packets meet it. */
static void wait_for_event(void)
{
	run_loop_until_generation(fake_generation + 1);
}

static void link_event(bool again)
{
	fake_link(5, "eth2", again);
	wait_for_event();
}

static void neighbour_event(bool again)
{
	fake_neighbour(3, "192.0.2.9", again ? "02:00:00:00:00:04" : "02:00:00:00:00:05");
	wait_for_event();
}

/* The tunnel is not reached, and then is. */
static void gateway_event(bool again)
{
	fake_neighbour(3, "192.0.2.9", again ? "02:00:00:00:00:04" : NULL);
	wait_for_event();
}

static void address_event(bool again)
{
	if (again)
		fake_address_gone(3, "192.0.2.200");
	else
		fake_address(3, "192.0.2.200");
	wait_for_event();
}

static const struct {
	const char *name;
	void (*change)(bool again);
	bool event;
} kinds[] = {
	{"vrf", vrf, false},
	{"interface", interface, false},
	{"tunnel endpoint", tunnel, false},
	{"next hop", next_hop, false},
	{"next-hop group", group, false},
	{"route", route, false},
	{"route of an underlay", underlay_route, false},
	{"port pair", pair, false},
	{"port pair group", pair_group, false},
	{"flow classifier", classifier, false},
	{"port chain", chain, false},
	{"link event", link_event, true},
	{"neighbour event", neighbour_event, true},
	{"gateway event", gateway_event, true},
	{"address event", address_event, true},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct steps count(size_t i)
{
	/* First without counting: memory is there from then on, and every list is as it will be. */
	for (int again = 0; again < 2; again++) {
		steps = (struct steps){0};
		kinds[i].change(again);
		if (!kinds[i].event)
			commit_and_settle();
	}
	return steps;
}

static void one_change_takes_the_same_steps(void **state)
{
	struct steps few[KINDS], many[KINDS];

	(void)state;
	begin();
	for (int number = 1; number < 4; number++)
		add(number);
	for (size_t i = 0; i < KINDS; i++)
		few[i] = count(i);
	for (int number = 4; number < OTHERS; number++)
		add(number);
	for (size_t i = 0; i < KINDS; i++) {
		many[i] = count(i);
		print_message("%s: looks %u and %u, changes %u and %u, rows %u and %u\n", kinds[i].name, few[i].looks,
			      many[i].looks, few[i].changes, many[i].changes, few[i].rows, many[i].rows);
	}
	for (size_t i = 0; i < KINDS; i++) {
		assert_in_range(many[i].looks, 0, few[i].looks + MORE);
		assert_in_range(many[i].changes, 0, few[i].changes + MORE);
		assert_int_equal(many[i].rows, few[i].rows);
	}
	assert_as_compiled_anew();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(one_change_takes_the_same_steps,
									   reconciler_set_up, reconciler_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

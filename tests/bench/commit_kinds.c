/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a commit of one change costs, a kind at a time, and what one event of the kernel costs: bench_commit_kinds
 * [TURNS]
 *
 * The control plane and the reconciler are the daemon's, in this process; the kernel and the dataplane are the unit
 * tests' (tests/unit/compile_fake.h), so that 20,000 interfaces need no devices. Once with nothing but the resources
 * that are changed, then beside 60,000 next hops, 16,000 groups, 20,000 interfaces, 8,000 port pairs, 4,000 tunnel
 * endpoints and 1,000 chains. A turn is the call, the answer and bringing the second bank up to date; an event is the
 * work of the loop up to that. CPU time of the thread, since an event waits for others to come with it.
 *
 * Prints a line of JSON a case and subject: the medians, and their ratio.
 */
#include <event2/event.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commit_kinds.h"
#include "tests/unit/compile_fake.h"
#include "vnf/core/loop.h"
#include "vnf/core/rcu.h"

#define TURNS	  400
#define TURNS_MAX 100000
#define EVENTS	  60 /* each takes the pause between refreshes */
#define SPARE	  5  /* device of the interface that is changed; those below it carry the others */
#define WATCHED	  6  /* and of the one whose link and neighbour change */

struct kind_case {
	const char *name;
	void (*change)(unsigned int turn);
	bool event;
	double median[2]; /* alone, beside the others */
};

static struct kind_case cases[] = {
	{"vrf, replaced", change_vrf, false, {0}},
	{"interface, replaced", change_interface, false, {0}},
	{"tunnel endpoint, replaced", change_tunnel, false, {0}},
	{"next hop, replaced", change_next_hop, false, {0}},
	{"next-hop group, replaced", change_group, false, {0}},
	{"route, replaced", change_route, false, {0}},
	{"port pair, replaced", change_pair, false, {0}},
	{"port pair group, replaced", change_pair_group, false, {0}},
	{"flow classifier, replaced", change_classifier, false, {0}},
	{"port chain, replaced", change_chain, false, {0}},
	{"vrf, created or deleted", churn_vrf, false, {0}},
	{"interface, created or deleted", churn_interface, false, {0}},
	{"tunnel endpoint, created or deleted", churn_tunnel, false, {0}},
	{"next hop, created or deleted", churn_next_hop, false, {0}},
	{"next-hop group, created or deleted", churn_group, false, {0}},
	{"route, created or deleted", churn_route, false, {0}},
	{"port pair, created or deleted", churn_pair, false, {0}},
	{"port pair group, created or deleted", churn_pair_group, false, {0}},
	{"flow classifier, created or deleted", churn_classifier, false, {0}},
	{"port chain, created or deleted", churn_chain, false, {0}},
	{"link event", NULL, true, {0}},
	{"neighbour event", NULL, true, {0}},
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Until packets meet what the event changed. */
static double event(const struct kind_case *one, struct loop *loop, unsigned int turn)
{
	uint64_t generation = fake_generation;
	double start = cpu_us();

	if (strcmp(one->name, "link event") == 0)
		fake_link(WATCHED, "eth6", turn % 2);
	else
		fake_neighbour(WATCHED, "192.0.2.9", turn % 2 ? "02:00:00:00:00:01" : "02:00:00:00:00:02");
	while (fake_generation == generation)
		event_base_loop(loop_base(loop), EVLOOP_ONCE);
	return cpu_us() - start;
}

static double measure(const struct kind_case *one, struct loop *loop, unsigned int turns)
{
	static double took[TURNS_MAX];
	unsigned int count = one->event ? EVENTS : turns;

	for (unsigned int i = 0; i < count; i++) {
		double start = cpu_us();

		if (one->event) {
			took[i] = event(one, loop, i);
			continue;
		}
		one->change(i);
		event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
		took[i] = cpu_us() - start;
	}
	qsort(took, count, sizeof(took[0]), compare);
	return took[count / 2];
}

static void print(const struct kind_case *one)
{
	static const char format[] =
		"{\"bench\": \"commit\", \"case\": \"one %s\", \"subject\": \"%s\", \"value\": %.*f, "
		"\"unit\": \"us of CPU, and ratio\"}\n";

	printf(format, one->name, "alone", 1, one->median[0]);
	printf(format, one->name, "beside", 1, one->median[1]);
	printf(format, one->name, "ratio", 2, one->median[1] / one->median[0]);
}

int main(int argc, char **argv)
{
	unsigned int turns = argc > 1 ? (unsigned int)atoi(argv[1]) : TURNS;
	struct loop *loop;

	if (turns < 1 || turns > TURNS_MAX) {
		fprintf(stderr, "usage: bench_commit_kinds [TURNS]\n");
		return 2;
	}
	rcu_thread_enter();
	loop = loop_new();
	for (uint32_t i = 0; i <= WATCHED; i++) {
		char name[8];

		snprintf(name, sizeof(name), "eth%u", i);
		fake_link(i ? i : SPARE + 2, name, true);
	}
	world_open(loop);
	world_add_changed();
	for (int beside = 0; beside < 2; beside++) {
		if (beside)
			world_add_others();
		for (size_t i = 0; i < CASES; i++)
			cases[i].median[beside] = measure(&cases[i], loop, turns);
	}
	for (size_t i = 0; i < CASES; i++)
		print(&cases[i]);
	world_close();
	loop_free(loop);
	rcu_thread_leave();
	return 0;
}

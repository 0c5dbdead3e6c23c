/* SPDX-License-Identifier: Apache-2.0 */
/* Commits of one change beside many services: the daemon's control plane and reconciler over the unit tests' kernel and
 * dataplane. A turn is the call, the answer and bringing the second bank up to date. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service_table.h"
#include "sluice/v1/config_service.pb-c.h"
#include "tests/unit/compile_fake.h"
#include "vnf/control/control.h"
#include "vnf/core/clock.h"
#include "vnf/core/loop.h"
#include "vnf/core/rcu.h"
#include "vnf/reconcile/reconciler.h"

#define BATCH 500 /* changes of a commit while the services are made */

static struct loop *loop;
static struct control *control;

/* Changes that wait for their commit, of the bodies below. */
static struct {
	Sluice__V1__Change change[BATCH], *list[BATCH];
	Sluice__V1__Resource resource[BATCH];
	union {
		Sluice__V1__Vrf vrf;
		Sluice__V1__Pool pool;
		Sluice__V1__Member member;
		Sluice__V1__NextHop next_hop;
		Sluice__V1__NextHopGroup group;
		Sluice__V1__Route route;
	} body[BATCH];
	char text[BATCH][3][32];
	size_t count;
} batch;

static void commit(void)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ApplyChangesResponse *response = malloc(sizeof(*response));
	struct error error = {0};

	sluice__v1__apply_changes_response__init(response);
	options.owner = (char *)"bench";
	request.options = &options;
	request.changes = batch.list;
	request.n_changes = batch.count;
	if (control_apply(control, &request, response, &error)) {
		fprintf(stderr, "%s: %s\n", error.fault[0].field, error.fault[0].message);
		exit(EXIT_FAILURE);
	}
	sluice__v1__apply_changes_response__free_unpacked(response, NULL);
	batch.count = 0;
	event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
}

/* The place of the next change; its body is to be filled in. */
static size_t add(Sluice__V1__Resource__KindCase kind)
{
	size_t at = batch.count++;

	batch.list[at] = &batch.change[at];
	sluice__v1__change__init(&batch.change[at]);
	sluice__v1__resource__init(&batch.resource[at]);
	batch.change[at].op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
	batch.change[at].resource = &batch.resource[at];
	batch.resource[at].kind_case = kind;
	batch.resource[at].vrf = &batch.body[at].vrf; /* of a union of pointers */
	return at;
}

static void add_member(unsigned int service, unsigned int number, unsigned int weight)
{
	size_t at = add(SLUICE__V1__RESOURCE__KIND_MEMBER);
	Sluice__V1__Member *member = &batch.body[at].member;

	sluice__v1__member__init(member);
	snprintf(batch.text[at][0], 32, "p%u-%u", service, number);
	snprintf(batch.text[at][1], 32, "p%u", service);
	snprintf(batch.text[at][2], 32, "10.%u.%u.%u", 1 + service / 250, service % 250, 1 + number);
	member->name = batch.text[at][0];
	member->pool = batch.text[at][1];
	member->address = batch.text[at][2];
	member->port = 80;
	member->weight_set_case = SLUICE__V1__MEMBER__WEIGHT_SET_WEIGHT;
	member->weight = weight;
}

static void add_service(unsigned int service)
{
	size_t at = add(SLUICE__V1__RESOURCE__KIND_POOL);
	Sluice__V1__Pool *pool = &batch.body[at].pool;

	sluice__v1__pool__init(pool);
	snprintf(batch.text[at][0], 32, "p%u", service);
	pool->name = batch.text[at][0];
	pool->vrf = (char *)"bench";
	for (unsigned int i = 0; i < 10; i++)
		add_member(service, i, 1);
}

static void add_route(unsigned int turn)
{
	Sluice__V1__Route *route = &batch.body[add(SLUICE__V1__RESOURCE__KIND_ROUTE)].route;

	sluice__v1__route__init(route);
	route->vrf = (char *)"bench";
	route->prefix = (char *)"198.18.0.0/24";
	route->next_hop_group = (char *)(turn % 2 ? "a" : "b");
}

static void add_group(char *name)
{
	static Sluice__V1__NextHopGroupMember member, *list[] = {&member};
	Sluice__V1__NextHop *hop = &batch.body[add(SLUICE__V1__RESOURCE__KIND_NEXT_HOP)].next_hop;
	static Sluice__V1__Discard discard;
	Sluice__V1__NextHopGroup *group;

	sluice__v1__discard__init(&discard);
	sluice__v1__next_hop__init(hop);
	hop->name = name;
	hop->target_case = SLUICE__V1__NEXT_HOP__TARGET_DISCARD;
	hop->discard = &discard;
	commit();
	sluice__v1__next_hop_group_member__init(&member);
	member.next_hop = name;
	group = &batch.body[add(SLUICE__V1__RESOURCE__KIND_NEXT_HOP_GROUP)].group;
	sluice__v1__next_hop_group__init(group);
	group->name = name;
	group->members = list;
	group->n_members = 1;
	commit();
}

static void add_world(unsigned int services)
{
	Sluice__V1__Vrf *vrf = &batch.body[add(SLUICE__V1__RESOURCE__KIND_VRF)].vrf;

	sluice__v1__vrf__init(vrf);
	vrf->name = (char *)"bench";
	commit();
	add_group((char *)"a");
	add_group((char *)"b");
	for (unsigned int i = 0; i < services; i++) {
		add_service(i);
		if (batch.count + 11 > BATCH)
			commit();
	}
	if (batch.count)
		commit();
}

static int compare(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* One after the other, so that both meet the machine as it is. */
static void measure(unsigned int turns)
{
	uint64_t *micros[2] = {calloc(turns, sizeof(uint64_t)), calloc(turns, sizeof(uint64_t))};

	for (unsigned int turn = 0; turn < turns; turn++)
		for (int which = 0; which < 2; which++) {
			uint64_t before;

			if (which)
				add_member(turn % 7, 3, 2 + turn % 100);
			else
				add_route(turn);
			before = monotonic_us();
			commit();
			micros[which][turn] = monotonic_us() - before;
		}
	for (int which = 0; which < 2; which++)
		qsort(micros[which], turns, sizeof(uint64_t), compare);
	print_row("commit of one route beside the services, median", (double)micros[0][turns / 2], "us");
	print_row("commit of one member beside the services, median", (double)micros[1][turns / 2], "us");
	print_row("member / route", (double)micros[1][turns / 2] / (double)micros[0][turns / 2], "x");
	free(micros[0]);
	free(micros[1]);
}

void measure_commits(unsigned int services, unsigned int turns)
{
	struct error error = {0};
	struct dataplane *dataplane;
	struct reconciler *reconciler;

	rcu_thread_enter();
	loop = loop_new();
	dataplane = fake_dataplane_of("most");
	reconciler = reconciler_new(loop, dataplane, &error);
	control = reconciler ? control_new(loop, dataplane, reconciler) : NULL;
	if (!control)
		abort();
	add_world(services);
	measure(turns);
	control_free(control);
	reconciler_free(reconciler);
	dataplane_free(dataplane);
	fake_kernel_reset();
	loop_free(loop);
	rcu_thread_leave();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "commit_kinds.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/config_service.pb-c.h"
#include "tests/unit/compile_fake.h"
#include "vnf/control/control.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/error.h"
#include "vnf/core/loop.h"
#include "vnf/reconcile/reconciler.h"

#define VRFS	   60
#define DEVICES	   5
#define VLANS	   4000
#define PAIRS	   8000
#define CHAINS	   1000
#define ENDPOINTS  4000
#define NEXT_HOPS  60000
#define GROUPS	   16000
#define INTERFACES (DEVICES * VLANS)

static struct loop *loop;
static struct dataplane *dataplane;
static struct reconciler *reconciler;
static struct control *control;
static Sluice__V1__Operation operation = SLUICE__V1__OPERATION__OPERATION_UPSERT;

static void settle(void)
{
	event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
}

/* A text that lives until some more have been made. */
static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text(const char *format, ...)
{
	static char made[16][64];
	static unsigned int at;
	va_list arguments;

	at = (at + 1) % 16;
	va_start(arguments, format);
	vsnprintf(made[at], sizeof(made[at]), format, arguments);
	va_end(arguments);
	return made[at];
}

/* Commits the change of one resource. */
static void apply(Sluice__V1__Resource__KindCase kind, void *body)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__Resource resource = SLUICE__V1__RESOURCE__INIT;
	Sluice__V1__Change change = SLUICE__V1__CHANGE__INIT, *changes[] = {&change};
	Sluice__V1__ApplyChangesResponse *response = malloc(sizeof(*response));
	struct error error = {0};

	sluice__v1__apply_changes_response__init(response);
	resource.kind_case = kind;
	resource.vrf = body; /* of a union of pointers */
	change.op = operation;
	change.resource = &resource;
	options.owner = (char *)"bench";
	request.options = &options;
	request.changes = changes;
	request.n_changes = 1;
	if (control_apply(control, &request, response, &error) || response->result->unchanged) {
		fprintf(stderr, "kind %d: %s: %s\n", kind, error.fault[0].field, error.fault[0].message);
		exit(EXIT_FAILURE);
	}
	sluice__v1__apply_changes_response__free_unpacked(response, NULL);
	operation = SLUICE__V1__OPERATION__OPERATION_UPSERT;
}

static void put_vrf(char *name, unsigned int variant)
{
	Sluice__V1__Vrf vrf = SLUICE__V1__VRF__INIT;

	vrf.name = name;
	vrf.router_mac = text("02:00:00:00:01:%02x", variant);
	apply(SLUICE__V1__RESOURCE__KIND_VRF, &vrf);
}

static void put_interface(char *name, unsigned int device, unsigned int vlan_id, char *vrf)
{
	Sluice__V1__Interface interface = SLUICE__V1__INTERFACE__INIT;

	interface.name = name;
	interface.device = text("eth%u", device);
	interface.vlan_id = vlan_id;
	interface.vrf = vrf;
	apply(SLUICE__V1__RESOURCE__KIND_INTERFACE, &interface);
}

static void put_tunnel(char *name, char *remote, unsigned int vni, char *vrf)
{
	Sluice__V1__TunnelEndpoint tunnel = SLUICE__V1__TUNNEL_ENDPOINT__INIT;
	Sluice__V1__VniBinding binding = SLUICE__V1__VNI_BINDING__INIT, *bindings[] = {&binding};

	tunnel.name = name;
	tunnel.kind = SLUICE__V1__TUNNEL_KIND__TUNNEL_KIND_VXLAN;
	tunnel.local_address = (char *)"10.0.0.1";
	tunnel.remote_address = remote;
	tunnel.underlay_vrf = (char *)"under";
	binding.vni = vni;
	binding.vrf = vrf;
	tunnel.vni_bindings = bindings;
	tunnel.n_vni_bindings = 1;
	apply(SLUICE__V1__RESOURCE__KIND_TUNNEL_ENDPOINT, &tunnel);
}

/* variant 0: its neighbour is asked for. */
static void put_next_hop(char *name, char *interface, char *address, unsigned int variant)
{
	Sluice__V1__NextHop hop = SLUICE__V1__NEXT_HOP__INIT;
	Sluice__V1__Gateway gateway = SLUICE__V1__GATEWAY__INIT;

	hop.name = name;
	hop.target_case = SLUICE__V1__NEXT_HOP__TARGET_GATEWAY;
	hop.gateway = &gateway;
	gateway.interface = interface;
	gateway.address = address;
	if (variant)
		gateway.mac = text("02:00:00:00:02:%02x", variant);
	apply(SLUICE__V1__RESOURCE__KIND_NEXT_HOP, &hop);
}

static void put_group(char *name, char *first, char *second)
{
	Sluice__V1__NextHopGroup group = SLUICE__V1__NEXT_HOP_GROUP__INIT;
	Sluice__V1__NextHopGroupMember member[2] = {SLUICE__V1__NEXT_HOP_GROUP_MEMBER__INIT,
						    SLUICE__V1__NEXT_HOP_GROUP_MEMBER__INIT};
	Sluice__V1__NextHopGroupMember *members[] = {&member[0], &member[1]};

	group.name = name;
	member[0].next_hop = first;
	member[1].next_hop = second;
	group.members = members;
	group.n_members = second ? 2 : 1;
	apply(SLUICE__V1__RESOURCE__KIND_NEXT_HOP_GROUP, &group);
}

static void put_route(char *prefix, char *group)
{
	Sluice__V1__Route route = SLUICE__V1__ROUTE__INIT;

	route.vrf = (char *)"bench";
	route.prefix = prefix;
	route.next_hop_group = group;
	apply(SLUICE__V1__RESOURCE__KIND_ROUTE, &route);
}

static void put_pair(char *name, char *ingress, char *egress)
{
	Sluice__V1__PortPair pair = SLUICE__V1__PORT_PAIR__INIT;

	pair.name = name;
	pair.ingress = ingress;
	pair.egress = egress;
	apply(SLUICE__V1__RESOURCE__KIND_PORT_PAIR, &pair);
}

static void put_pair_group(char *name, char **pairs, size_t count)
{
	Sluice__V1__PortPairGroup group = SLUICE__V1__PORT_PAIR_GROUP__INIT;

	group.name = name;
	group.port_pairs = pairs;
	group.n_port_pairs = count;
	apply(SLUICE__V1__RESOURCE__KIND_PORT_PAIR_GROUP, &group);
}

static void put_classifier(char *name, char *vrf, unsigned int priority)
{
	Sluice__V1__FlowClassifier classifier = SLUICE__V1__FLOW_CLASSIFIER__INIT;

	classifier.name = name;
	classifier.vrf = vrf;
	classifier.priority = priority;
	apply(SLUICE__V1__RESOURCE__KIND_FLOW_CLASSIFIER, &classifier);
}

static void put_chain(char *name, char *classifier, char *group, bool symmetric)
{
	Sluice__V1__PortChain chain = SLUICE__V1__PORT_CHAIN__INIT;

	chain.name = name;
	chain.flow_classifiers = &classifier;
	chain.n_flow_classifiers = 1;
	chain.port_pair_groups = &group;
	chain.n_port_pair_groups = 1;
	chain.symmetric = symmetric;
	apply(SLUICE__V1__RESOURCE__KIND_PORT_CHAIN, &chain);
}

void world_open(struct loop *of)
{
	struct error error = {0};

	loop = of;
	dataplane = fake_dataplane_of("most");
	reconciler = reconciler_new(loop, dataplane, &error);
	control = reconciler ? control_new(loop, dataplane, reconciler) : NULL;
	if (!control)
		abort();
}

void world_close(void)
{
	control_free(control);
	reconciler_free(reconciler);
	dataplane_free(dataplane);
	fake_kernel_reset();
}

void world_add_changed(void)
{
	char *pairs[] = {(char *)"pair"};

	put_vrf((char *)"bench", 1);
	put_vrf((char *)"under", 1);
	put_interface((char *)"spare", 5, 1, (char *)"bench");
	put_interface((char *)"watched", 6, 0, (char *)"bench");
	for (unsigned int i = 0; i < 8; i++)
		put_interface(text("port%u", i), 5, 10 + i, (char *)"bench");
	put_tunnel((char *)"tunnel", (char *)"10.9.0.1", 7, (char *)"bench");
	put_next_hop((char *)"hop", (char *)"watched", (char *)"192.0.2.1", 1);
	put_next_hop((char *)"asked", (char *)"watched", (char *)"192.0.2.9", 0);
	put_group((char *)"group", (char *)"hop", NULL);
	put_group((char *)"other", (char *)"asked", NULL);
	put_route((char *)"10.1.0.0/16", (char *)"group");
	put_pair((char *)"pair", (char *)"port0", (char *)"port1");
	put_pair((char *)"more", (char *)"port2", (char *)"port3");
	put_pair((char *)"spare", (char *)"port6", (char *)"port7");
	put_pair_group((char *)"pairs", pairs, 1);
	pairs[0] = (char *)"more";
	put_pair_group((char *)"others", pairs, 1);
	put_classifier((char *)"flows", (char *)"bench", 1);
	put_classifier((char *)"more", (char *)"bench", 3);
	put_chain((char *)"chain", (char *)"flows", (char *)"pairs", true);
	settle();
}

static void add_links(void)
{
	for (unsigned int i = 0; i < VRFS; i++, settle())
		put_vrf(text("v%u", i), 1);
	for (unsigned int i = 0; i < INTERFACES; i++, settle())
		put_interface(text("i%u", i), i / VLANS, 1 + i % VLANS, text("v%u", i % VRFS));
	for (unsigned int i = 0; i < ENDPOINTS; i++, settle())
		put_tunnel(text("t%u", i), text("10.8.%u.%u", i / 250, 1 + i % 250), 1000 + i, text("v%u", i % VRFS));
	for (unsigned int i = 0; i < NEXT_HOPS; i++, settle())
		put_next_hop(text("h%u", i), text("i%u", 2 * PAIRS + i % (INTERFACES - 2 * PAIRS)),
			     text("10.7.%u.%u", i / 250, 1 + i % 250), 1 + i % 99);
	for (unsigned int i = 0; i < GROUPS; i++, settle())
		put_group(text("g%u", i), text("h%u", i), text("h%u", NEXT_HOPS - 1 - i));
}

void world_add_others(void)
{
	add_links();
	for (unsigned int i = 0; i < PAIRS; i++, settle())
		put_pair(text("p%u", i), text("i%u", 2 * i), text("i%u", 2 * i + 1));
	for (unsigned int i = 0; i < CHAINS; i++, settle()) {
		char *pairs[PAIRS / CHAINS];

		for (unsigned int j = 0; j < PAIRS / CHAINS; j++)
			pairs[j] = text("p%u", i * (PAIRS / CHAINS) + j);
		put_pair_group(text("pg%u", i), pairs, PAIRS / CHAINS);
		settle();
		put_classifier(text("c%u", i), text("v%u", i % VRFS), i);
		settle();
		put_chain(text("k%u", i), text("c%u", i), text("pg%u", i), true);
	}
}

void change_vrf(unsigned int turn)
{
	put_vrf((char *)"bench", 2 + turn % 2);
}

void change_interface(unsigned int turn)
{
	put_interface((char *)"spare", 5, 2 + turn % 2, (char *)"bench");
}

void change_tunnel(unsigned int turn)
{
	put_tunnel((char *)"tunnel", text("10.9.0.%u", 2 + turn % 2), 7, (char *)"bench");
}

void change_next_hop(unsigned int turn)
{
	put_next_hop((char *)"hop", (char *)"watched", (char *)"192.0.2.1", 2 + turn % 2);
}

void change_group(unsigned int turn)
{
	put_group((char *)"group", (char *)"hop", turn % 2 ? NULL : (char *)"asked");
}

void change_route(unsigned int turn)
{
	put_route((char *)"10.1.0.0/16", turn % 2 ? (char *)"group" : (char *)"other");
}

void change_pair(unsigned int turn)
{
	char *first = turn % 2 ? (char *)"port0" : (char *)"port1",
	     *second = turn % 2 ? (char *)"port1" : (char *)"port0";

	put_pair((char *)"pair", first, second);
}

void change_pair_group(unsigned int turn)
{
	put_pair_group((char *)"pairs", (char *[]){turn % 2 ? (char *)"pair" : (char *)"spare"}, 1);
}

void change_classifier(unsigned int turn)
{
	put_classifier((char *)"flows", (char *)"bench", 5 + turn % 2);
}

void change_chain(unsigned int turn)
{
	put_chain((char *)"chain", (char *)"flows", (char *)"pairs", turn % 2);
}

/* Of the next change alone. */
static void choose(unsigned int turn)
{
	operation = turn % 2 ? SLUICE__V1__OPERATION__OPERATION_DELETE : SLUICE__V1__OPERATION__OPERATION_CREATE;
}

void churn_vrf(unsigned int turn)
{
	choose(turn);
	put_vrf((char *)"new", 1);
}

void churn_interface(unsigned int turn)
{
	choose(turn);
	put_interface((char *)"new", 5, 4000, (char *)"bench");
}

void churn_tunnel(unsigned int turn)
{
	choose(turn);
	put_tunnel((char *)"new", (char *)"10.9.0.9", 8, (char *)"bench");
}

void churn_next_hop(unsigned int turn)
{
	choose(turn);
	put_next_hop((char *)"new", (char *)"watched", (char *)"192.0.2.7", 0);
}

void churn_group(unsigned int turn)
{
	choose(turn);
	put_group((char *)"new", (char *)"hop", (char *)"asked");
}

void churn_route(unsigned int turn)
{
	choose(turn);
	put_route((char *)"10.2.0.0/16", (char *)"group");
}

void churn_pair(unsigned int turn)
{
	choose(turn);
	put_pair((char *)"new", (char *)"port4", (char *)"port5");
}

void churn_pair_group(unsigned int turn)
{
	choose(turn);
	put_pair_group((char *)"new", (char *[]){(char *)"spare"}, 1);
}

void churn_classifier(unsigned int turn)
{
	choose(turn);
	put_classifier((char *)"new", (char *)"bench", 4);
}

void churn_chain(unsigned int turn)
{
	choose(turn);
	put_chain((char *)"new", (char *)"more", (char *)"others", true);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/half_commit_config.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bpf/half_commit.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

#define FILLERS 200 /* classifiers that match nothing: a packet spends its time on them */
#define CHANGES (FILLERS + 32)

static void *need(void *memory)
{
	if (memory)
		return memory;
	perror("half_commit");
	exit(1);
}

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text(const char *format, ...)
{
	va_list arguments;
	char *made;

	va_start(arguments, format);
	if (vasprintf(&made, format, arguments) < 0)
		made = NULL;
	va_end(arguments);
	return need(made);
}

/* A list of one. */
static char **texts(const char *one)
{
	char **list = need(malloc(sizeof(*list)));

	*list = text("%s", one);
	return list;
}

static Sluice__V1__ApplyChangesRequest *request_new(void)
{
	Sluice__V1__ApplyChangesRequest *request = need(message_new(&sluice__v1__apply_changes_request__descriptor));

	request->options = need(message_new(&sluice__v1__write_options__descriptor));
	request->options->owner = text("half");
	request->changes = need(calloc(CHANGES, sizeof(*request->changes)));
	return request;
}

/* Adds an UPSERT of a message of this type, which goes to `*body`. */
static void *add(Sluice__V1__ApplyChangesRequest *request, Sluice__V1__Resource__KindCase kind,
		 const ProtobufCMessageDescriptor *type)
{
	Sluice__V1__Change *change = need(message_new(&sluice__v1__change__descriptor));
	void *body = need(message_new(type));

	change->op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
	change->resource = need(message_new(&sluice__v1__resource__descriptor));
	change->resource->kind_case = kind;
	change->resource->vrf = body; /* of a union of pointers */
	request->changes[request->n_changes++] = change;
	return body;
}

#define ADD(request, kind, type) add(request, SLUICE__V1__RESOURCE__KIND_##kind, &sluice__v1__##type##__descriptor)

static void add_interface(Sluice__V1__ApplyChangesRequest *request, const char *device, const char *vrf)
{
	Sluice__V1__Interface *interface = ADD(request, INTERFACE, interface);

	interface->name = text("%s", device);
	interface->device = text("%s", device);
	interface->vrf = text("%s", vrf);
}

static void add_group(Sluice__V1__ApplyChangesRequest *request, const char *name)
{
	Sluice__V1__NextHopGroup *group = ADD(request, NEXT_HOP_GROUP, next_hop_group);

	group->name = text("%s", name);
	group->n_members = 1;
	group->members = need(malloc(sizeof(*group->members)));
	group->members[0] = need(message_new(&sluice__v1__next_hop_group_member__descriptor));
	group->members[0]->next_hop = text("%s", name);
}

static void add_route(Sluice__V1__ApplyChangesRequest *request, const char *vrf, const char *prefix, char *group)
{
	Sluice__V1__Route *route = ADD(request, ROUTE, route);

	route->vrf = text("%s", vrf);
	route->prefix = text("%s", prefix);
	route->next_hop_group = group;
}

static void add_classifier(Sluice__V1__ApplyChangesRequest *request, char *name, uint32_t priority, uint32_t port)
{
	Sluice__V1__FlowClassifier *classifier = ADD(request, FLOW_CLASSIFIER, flow_classifier);

	classifier->name = name;
	classifier->vrf = text("t");
	classifier->priority = priority;
	classifier->protocol = SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UDP;
	classifier->destination_ports = need(message_new(&sluice__v1__port_range__descriptor));
	classifier->destination_ports->first = classifier->destination_ports->last = port;
}

/* A rule about UDP to this port. */
static Sluice__V1__PolicyRule *add_rule(Sluice__V1__ApplyChangesRequest *request, const char *name, uint32_t port)
{
	Sluice__V1__PolicyRule *rule = ADD(request, POLICY_RULE, policy_rule);

	rule->name = text("%s", name);
	rule->vrf = text("t");
	rule->match = need(message_new(&sluice__v1__policy_match__descriptor));
	rule->match->protocol = IPPROTO_UDP;
	rule->match->destination_ports = need(message_new(&sluice__v1__port_range__descriptor));
	rule->match->destination_ports->first = rule->match->destination_ports->last = port;
	return rule;
}

/* The rules that every revision has otherwise than the one before. */
static void add_rules(Sluice__V1__ApplyChangesRequest *request, unsigned int number)
{
	Sluice__V1__PolicyRule *steers = add_rule(request, "steers", PORT_STEERED);
	Sluice__V1__PolicyRule *gates = add_rule(request, "gates", PORT_GATED);

	steers->action_case = SLUICE__V1__POLICY_RULE__ACTION_NEXT_HOP_GROUP;
	steers->next_hop_group = text("n%u", !(number % 2));
	gates->action_case = SLUICE__V1__POLICY_RULE__ACTION_ACCESS;
	gates->access = number % 2 ? SLUICE__V1__ACCESS__ACCESS_ALLOW : SLUICE__V1__ACCESS__ACCESS_DENY;
}

static void add_service(Sluice__V1__ApplyChangesRequest *request)
{
	Sluice__V1__LoadBalancer *balancer = ADD(request, LOAD_BALANCER, load_balancer);
	Sluice__V1__Listener *listener = ADD(request, LISTENER, listener);
	Sluice__V1__Pool *pool = ADD(request, POOL, pool);

	balancer->name = text("l");
	balancer->vrf = text("t");
	balancer->vip_address = text(VIP);
	listener->name = text("l");
	listener->load_balancer = text("l");
	listener->protocol = SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UDP;
	listener->ports = need(message_new(&sluice__v1__port_range__descriptor));
	listener->ports->first = listener->ports->last = PORT_VIP;
	listener->n_pools = 1;
	listener->pools = need(malloc(sizeof(*listener->pools)));
	listener->pools[0] = need(message_new(&sluice__v1__pool_share__descriptor));
	listener->pools[0]->pool = text("p");
	pool->name = text("p");
	pool->vrf = text("t");
}

/* The service's only member: with each address another one, so that its flows go nowhere else. */
static void add_member(Sluice__V1__ApplyChangesRequest *request, unsigned int number)
{
	Sluice__V1__Member *member = ADD(request, MEMBER, member);

	member->name = text("m");
	member->pool = text("p");
	member->address = text("10.9.0.%u", number);
}

/* What carries the number. */
static void add_numbered(Sluice__V1__ApplyChangesRequest *request, unsigned int number)
{
	Sluice__V1__TunnelEndpoint *tunnel = ADD(request, TUNNEL_ENDPOINT, tunnel_endpoint);
	Sluice__V1__NextHop *hop = ADD(request, NEXT_HOP, next_hop);

	tunnel->name = text("t");
	tunnel->kind = SLUICE__V1__TUNNEL_KIND__TUNNEL_KIND_VXLAN;
	tunnel->local_address = text("203.0.113.1");
	tunnel->remote_address = text("203.0.113.2");
	tunnel->underlay_vrf = text("u");
	tunnel->n_vni_bindings = 1;
	tunnel->vni_bindings = need(malloc(sizeof(*tunnel->vni_bindings)));
	tunnel->vni_bindings[0] = need(message_new(&sluice__v1__vni_binding__descriptor));
	tunnel->vni_bindings[0]->vni = number;
	tunnel->vni_bindings[0]->vrf = text("t");
	hop->name = text("u");
	hop->target_case = SLUICE__V1__NEXT_HOP__TARGET_GATEWAY;
	hop->gateway = need(message_new(&sluice__v1__gateway__descriptor));
	hop->gateway->interface = text("up0");
	hop->gateway->address = text("203.0.113.2");
	hop->gateway->mac = text("02:00:00:00:00:%02x", number);
	for (unsigned int i = 0; i < 2; i++) {
		hop = ADD(request, NEXT_HOP, next_hop);
		hop->name = text("n%u", i);
		hop->target_case = SLUICE__V1__NEXT_HOP__TARGET_TUNNEL;
		hop->tunnel = need(message_new(&sluice__v1__tunnel_hop__descriptor));
		hop->tunnel->tunnel_endpoint = text("t");
		hop->tunnel->vni = number;
		hop->tunnel->mac = text("02:00:00:00:%02x:%02x", i, number);
	}
	add_route(request, "t", "10.9.0.0/16", text("n%u", number % 2));
	add_rules(request, number);
	add_member(request, number);
}

Sluice__V1__ApplyChangesRequest *config_first(void)
{
	Sluice__V1__ApplyChangesRequest *request = request_new();
	Sluice__V1__PortPair *pair;
	Sluice__V1__PortPairGroup *group;

	((Sluice__V1__Vrf *)ADD(request, VRF, vrf))->name = text("t");
	((Sluice__V1__Vrf *)ADD(request, VRF, vrf))->name = text("u");
	add_interface(request, "in0", "t");
	add_interface(request, "sa0", "t");
	add_interface(request, "sb0", "t");
	add_interface(request, "up0", "u");
	add_group(request, "u");
	add_group(request, "n0");
	add_group(request, "n1");
	add_service(request);
	add_numbered(request, 1);
	add_route(request, "u", "203.0.113.2/32", text("u")); /* longer than up0's connected route */
	pair = ADD(request, PORT_PAIR, port_pair);
	pair->name = text("s");
	pair->ingress = text("sa0");
	pair->egress = text("sb0");
	group = ADD(request, PORT_PAIR_GROUP, port_pair_group);
	group->name = text("s");
	group->n_port_pairs = 1;
	group->port_pairs = texts("s");
	add_classifier(request, text("web"), 1000, PORT_WEB); /* looked at last */
	for (unsigned int i = 0; i < FILLERS; i++)
		add_classifier(request, text("filler-%u", i), 10 + i, 1000 + i);
	return request;
}

Sluice__V1__ApplyChangesRequest *config_change(unsigned int number)
{
	Sluice__V1__ApplyChangesRequest *request = request_new();
	Sluice__V1__PortChain *chain;

	add_numbered(request, number);
	chain = ADD(request, PORT_CHAIN, port_chain);
	chain->name = text("c");
	if (number % 2) {
		request->changes[request->n_changes - 1]->op = SLUICE__V1__OPERATION__OPERATION_DELETE;
		return request;
	}
	chain->n_flow_classifiers = chain->n_port_pair_groups = 1;
	chain->flow_classifiers = texts("web");
	chain->port_pair_groups = texts("s");
	return request;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "compile_fake.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES 2048

static struct handle *names[NAMES];
static size_t name_count;
static void **owned;
static size_t owned_count, owned_capacity;
static uint64_t revision;

static void *keep(size_t size)
{
	void *memory = calloc(1, size);

	if (owned_count == owned_capacity) {
		owned_capacity = owned_capacity ? owned_capacity * 2 : 1024;
		owned = realloc(owned, owned_capacity * sizeof(*owned));
	}
	assert(memory && owned);
	return owned[owned_count++] = memory;
}

struct handle *fake_name(enum resource_kind kind, const char *text)
{
	uint32_t id = 1;

	for (size_t i = 0; i < name_count; i++) {
		if (names[i]->kind != kind)
			continue;
		if (strcmp(names[i]->text, text) == 0)
			return names[i];
		id++;
	}
	assert(name_count < NAMES);
	names[name_count] = keep(sizeof(struct handle) + strlen(text) + 1);
	names[name_count]->kind = kind;
	names[name_count]->id = id;
	strcpy(names[name_count]->text, text);
	return names[name_count++];
}

uint32_t fake_id(enum resource_kind kind, const char *text)
{
	return fake_name(kind, text)->id;
}

uint32_t fake_wait(enum resource_kind kind, const char *text)
{
	return fake_name(kind, text)->pending;
}

static int compare(const struct resource *a, const struct resource *b)
{
	const struct resource_key key = resource_key(a);

	return resource_key_compare(&key, b);
}

static size_t first_not_below(const struct snapshot *snapshot, const struct resource *resource)
{
	size_t i = 0;

	while (i < snapshot->count[resource->kind] && compare(snapshot->resource[resource->kind][i], resource) < 0)
		i++;
	return i;
}

static bool is_at(const struct snapshot *snapshot, size_t i, const struct resource *resource)
{
	return i < snapshot->count[resource->kind] && compare(snapshot->resource[resource->kind][i], resource) == 0;
}

void fake_put(struct snapshot *snapshot, struct resource *resource)
{
	struct resource **all = snapshot->resource[resource->kind];
	size_t i = first_not_below(snapshot, resource);

	if (!is_at(snapshot, i, resource)) {
		assert(snapshot->count[resource->kind] < FAKE_RESOURCES);
		memmove(&all[i + 1], &all[i], (snapshot->count[resource->kind]++ - i) * sizeof(*all));
	}
	all[i] = resource;
}

static void take_out(struct snapshot *snapshot, const struct resource *resource)
{
	struct resource **all = snapshot->resource[resource->kind];
	size_t i = first_not_below(snapshot, resource);

	assert(is_at(snapshot, i, resource));
	memmove(&all[i], &all[i + 1], (--snapshot->count[resource->kind] - i) * sizeof(*all));
}

void fake_take(struct snapshot *snapshot, const struct resource *resource)
{
	take_out(snapshot, resource);
}

void fake_remove(struct snapshot *snapshot, enum resource_kind kind, const char *name)
{
	take_out(snapshot, snapshot_find(snapshot, kind, name));
}

void fake_remove_route(struct snapshot *snapshot, const char *vrf, const char *prefix)
{
	take_out(snapshot, fake_route(vrf, prefix, "x", 0));
}

uint64_t snapshot_revision(const struct snapshot *snapshot)
{
	return snapshot->revision;
}

/* Nothing asks: checks are not made here. */
uint64_t snapshot_parts(const struct snapshot *snapshot, enum resource_kind kind)
{
	(void)snapshot;
	(void)kind;
	return 0;
}

size_t snapshot_count(const struct snapshot *snapshot, enum resource_kind kind)
{
	return snapshot->count[kind];
}

const struct resource *snapshot_find(const struct snapshot *snapshot, enum resource_kind kind, const char *name)
{
	for (size_t i = 0; i < snapshot->count[kind]; i++)
		if (strcmp(snapshot->resource[kind][i]->self->text, name) == 0)
			return snapshot->resource[kind][i];
	return NULL;
}

const struct resource *snapshot_find_key(const struct snapshot *snapshot, enum resource_kind kind,
					 const struct resource_key *key)
{
	for (size_t i = 0; i < snapshot->count[kind]; i++)
		if (resource_key_compare(key, snapshot->resource[kind][i]) == 0)
			return snapshot->resource[kind][i];
	return NULL;
}

const struct resource *snapshot_after(const struct snapshot *snapshot, enum resource_kind kind,
				      const struct resource_key *key)
{
	for (size_t i = 0; i < snapshot->count[kind]; i++)
		if (resource_key_compare(key, snapshot->resource[kind][i]) < 0)
			return snapshot->resource[kind][i];
	return NULL;
}

const struct resource *snapshot_next(const struct snapshot *snapshot, enum resource_kind kind,
				     const struct resource *previous)
{
	size_t i = 0;

	if (previous) {
		i = first_not_below(snapshot, previous);
		i += is_at(snapshot, i, previous);
	}
	return i < snapshot->count[kind] ? snapshot->resource[kind][i] : NULL;
}

void *fake_make(enum resource_kind kind, const char *name, size_t size)
{
	static struct handle client;
	struct resource *resource = keep(size);

	resource->kind = kind;
	resource->owner = &client;
	resource->revision = ++revision;
	resource->self = name ? fake_name(kind, name) : NULL;
	return resource;
}

static struct ip_address address(const char *text)
{
	struct ip_address result = {0};
	int error = ip_address_parse(text, &result);

	assert(!error);
	return result;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix result = {0};
	int error = text ? ip_prefix_parse(text, &result) : 0;

	assert(!error);
	return result;
}

struct resource *fake_vrf(const char *name, const char *router_mac)
{
	struct vrf *vrf = fake_make(RESOURCE_VRF, name, sizeof(*vrf));

	memcpy(vrf->router_mac, default_router_mac, sizeof(vrf->router_mac));
	vrf->icmp_error_rate = DP_ERROR_RATE;
	vrf->mss_clamp = true;
	if (router_mac)
		mac_parse(router_mac, vrf->router_mac);
	return &vrf->resource;
}

struct resource *fake_vrf_with_gateway(const char *name, const char *address, bool kernel)
{
	struct vrf *vrf = fake_make(RESOURCE_VRF, name, sizeof(*vrf) + sizeof(vrf->gateway[0]));

	memcpy(vrf->router_mac, default_router_mac, sizeof(vrf->router_mac));
	vrf->icmp_error_rate = DP_ERROR_RATE;
	vrf->mss_clamp = true;
	vrf->kernel = kernel;
	vrf->count = 1;
	assert(!ip_address_parse(address, &vrf->gateway[0].address));
	vrf->gateway[0].length = 24;
	return &vrf->resource;
}

struct resource *fake_interface(const char *name, const char *device, const char *vrf, uint16_t vlan_id)
{
	struct interface *interface = fake_make(RESOURCE_INTERFACE, name, sizeof(*interface));

	interface->vrf = fake_name(RESOURCE_VRF, vrf);
	interface->vlan_id = vlan_id;
	interface->connected = true;
	strcpy(interface->device, device);
	return &interface->resource;
}

struct resource *fake_tunnel(const char *name, uint8_t kind, const char *local, const char *remote, uint16_t udp_port,
			     const char *underlay, uint32_t vni, const char *vrf)
{
	struct tunnel_endpoint *tunnel =
		fake_make(RESOURCE_TUNNEL_ENDPOINT, name, sizeof(*tunnel) + FAKE_BINDINGS * sizeof(tunnel->binding[0]));

	tunnel->kind = kind;
	tunnel->udp_port = udp_port;
	tunnel->local = address(local);
	tunnel->remote = address(remote);
	tunnel->underlay_vrf = fake_name(RESOURCE_VRF, underlay);
	fake_bind(&tunnel->resource, vni, vrf);
	return &tunnel->resource;
}

void fake_bind(struct resource *resource, uint32_t vni, const char *vrf)
{
	struct tunnel_endpoint *tunnel = (struct tunnel_endpoint *)resource;

	assert(tunnel->count < FAKE_BINDINGS);
	tunnel->binding[tunnel->count++] = (struct vni_binding){.vni = vni, .vrf = fake_name(RESOURCE_VRF, vrf)};
}

struct resource *fake_gateway(const char *name, const char *interface, const char *gateway, const char *mac)
{
	struct next_hop *hop = fake_make(RESOURCE_NEXT_HOP, name, sizeof(*hop));

	hop->target = NEXT_HOP_GATEWAY;
	hop->via = fake_name(RESOURCE_INTERFACE, interface);
	hop->address = address(gateway);
	hop->has_mac = mac;
	if (mac)
		mac_parse(mac, hop->mac);
	return &hop->resource;
}

struct resource *fake_tunnel_hop(const char *name, const char *tunnel, uint32_t vni, const char *mac)
{
	struct next_hop *hop = fake_make(RESOURCE_NEXT_HOP, name, sizeof(*hop));

	hop->target = NEXT_HOP_TUNNEL;
	hop->via = fake_name(RESOURCE_TUNNEL_ENDPOINT, tunnel);
	hop->vni = vni;
	hop->has_mac = true;
	mac_parse(mac, hop->mac);
	return &hop->resource;
}

struct resource *fake_discard(const char *name)
{
	struct next_hop *hop = fake_make(RESOURCE_NEXT_HOP, name, sizeof(*hop));

	hop->target = NEXT_HOP_DISCARD;
	return &hop->resource;
}

struct resource *fake_group(const char *name, ...)
{
	struct next_hop_group *group = fake_make(RESOURCE_NEXT_HOP_GROUP, name,
						 sizeof(*group) + DP_MAX_GROUP_MEMBERS * sizeof(group->member[0]));
	const char *member;
	va_list members;

	va_start(members, name);
	while ((member = va_arg(members, const char *))) {
		char text[64];
		int weight = 1;

		sscanf(member, "%63[^*~]*%d", text, &weight);
		group->member[group->count++] = (struct next_hop_member){fake_name(RESOURCE_NEXT_HOP, text),
									 (uint8_t)weight, strchr(member, '~') != NULL};
	}
	va_end(members);
	return &group->resource;
}

struct resource *fake_route(const char *vrf, const char *text, const char *group, uint32_t id)
{
	struct route *route = fake_make(RESOURCE_ROUTE, NULL, sizeof(*route));

	route->resource.id = id;
	route->key.vrf = fake_name(RESOURCE_VRF, vrf);
	route->group = fake_name(RESOURCE_NEXT_HOP_GROUP, group);
	route->key.prefix = prefix(text);
	return &route->resource;
}

struct resource *fake_pair(const char *name, const char *ingress, const char *egress)
{
	struct port_pair *pair = fake_make(RESOURCE_PORT_PAIR, name, sizeof(*pair));

	pair->ingress = fake_name(RESOURCE_INTERFACE, ingress);
	pair->egress = fake_name(RESOURCE_INTERFACE, egress);
	return &pair->resource;
}

struct resource *fake_pair_group(const char *name, bool fail_open, ...)
{
	struct port_pair_group *group = fake_make(RESOURCE_PORT_PAIR_GROUP, name,
						  sizeof(*group) + DP_STAGE_MEMBERS * sizeof(group->port_pair[0]));
	const char *pair;
	va_list pairs;

	group->fail_open = fail_open;
	va_start(pairs, fail_open);
	while ((pair = va_arg(pairs, const char *)))
		group->port_pair[group->count++] = fake_name(RESOURCE_PORT_PAIR, pair);
	va_end(pairs);
	return &group->resource;
}

struct resource *fake_classifier(const char *name, const char *vrf, uint16_t priority, const char *source,
				 const char *destination, uint8_t protocol, uint16_t port)
{
	struct flow_classifier *classifier = fake_make(RESOURCE_FLOW_CLASSIFIER, name, sizeof(*classifier));

	classifier->vrf = fake_name(RESOURCE_VRF, vrf);
	classifier->priority = priority;
	classifier->source = prefix(source);
	classifier->destination = prefix(destination);
	classifier->protocol = protocol;
	classifier->source_last = UINT16_MAX;
	classifier->destination_first = port;
	classifier->destination_last = port ? port : UINT16_MAX;
	return &classifier->resource;
}

struct resource *fake_chain(const char *name, bool symmetric, ...)
{
	struct port_chain *chain =
		fake_make(RESOURCE_PORT_CHAIN, name, sizeof(*chain) + 32 * sizeof(chain->handles[0]));
	const char *text;
	va_list list;

	chain->symmetric = symmetric;
	chain->classifier = chain->handles;
	va_start(list, symmetric);
	while ((text = va_arg(list, const char *)))
		chain->classifier[chain->classifier_count++] = fake_name(RESOURCE_FLOW_CLASSIFIER, text);
	chain->group = chain->handles + chain->classifier_count;
	while ((text = va_arg(list, const char *)))
		chain->group[chain->group_count++] = fake_name(RESOURCE_PORT_PAIR_GROUP, text);
	va_end(list);
	return &chain->resource;
}

void fake_reset(void)
{
	while (owned_count)
		free(owned[--owned_count]);
	free(owned);
	owned = NULL;
	owned_capacity = 0;
	name_count = 0;
	fake_kernel_reset();
}

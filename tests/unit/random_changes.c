/* SPDX-License-Identifier: Apache-2.0 */
#include "random_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler_fixture.h"
#include "vnf/control/kinds/kinds.h"

#define VRFS	    4 /* that are always there, and as many that come and go */
#define DEVICES	    6
#define INTERFACES  16 /* the last eight for port pairs */
#define PAIRS	    4
#define TUNNELS	    6
#define HOPS	    16
#define GROUPS	    8
#define PAIR_GROUPS 4
#define CLASSIFIERS 10
#define CHAINS	    3
#define FIRST_LINK  3
#define FIRST_VLAN  20

static uint64_t seed = 88172645463325252ULL;

void random_start(uint64_t from)
{
	seed = from ? from : seed;
}

unsigned int any(unsigned int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed >> 20) % below;
}

struct text {
	char text[32];
};

static struct text name(const char *prefix, unsigned int number)
{
	struct text text;

	snprintf(text.text, sizeof(text.text), "%s%u", prefix, number);
	return text;
}
#define NAME(prefix, number) name(prefix, number).text

bool there_is(enum resource_kind kind, const char *text)
{
	return snapshot_find(in_the_making(), kind, text);
}

struct search {
	const struct handle *handle;
	const struct resource *found, *user;
};

static void match(const struct reference *reference, void *context)
{
	struct search *search = context;

	if (reference->handle == search->handle)
		search->found = search->user;
}

/* A resource that refers to it, but for `except`. */
static const struct resource *user_of(enum resource_kind kind, const char *text, const char *except)
{
	struct search search = {.handle = fake_name(kind, text)};

	for (int by = kind_after(0); by < RESOURCE_KINDS; by = kind_after(by))
		for (size_t i = 0; i < in_the_making()->count[by]; i++) {
			search.user = in_the_making()->resource[by][i];
			if (kind_ops(by)->references &&
			    (!except || !search.user->self || strcmp(search.user->self->text, except) != 0))
				kind_ops(by)->references(search.user, match, &search);
		}
	return search.found;
}

void remove_unused(enum resource_kind kind, const char *text)
{
	if (there_is(kind, text) && !is_changed(kind, text) && !user_of(kind, text, NULL))
		withdraw(kind, text);
}

void put(struct resource *resource)
{
	if (!is_changed(resource->kind, resource->self->text))
		change(resource);
}

static const char *some_mac(void)
{
	static char text[MAC_TEXT];

	snprintf(text, sizeof(text), "02:00:00:00:01:%02x", any(4));
	return text;
}

static void change_vrf(void)
{
	put(fake_vrf(NAME("v", any(2 * VRFS)), any(3) ? some_mac() : NULL));
}

/* The first two exchange their devices, and always together. */
static void swap_devices(void)
{
	unsigned int first = any(2);

	if (is_changed(RESOURCE_INTERFACE, "i0") || is_changed(RESOURCE_INTERFACE, "i1"))
		return;
	for (unsigned int i = 0; i < 2; i++)
		change(fake_interface(NAME("i", i), NAME("eth", first ^ i), NAME("v", any(VRFS)), 0));
}

static void change_interface(void)
{
	unsigned int number = 2 + any(INTERFACES - 2);
	struct resource *interface = fake_interface(NAME("i", number), NAME("eth", any(DEVICES)), NAME("v", any(VRFS)),
						    (uint16_t)(number * 10 + any(2)));

	((struct interface *)interface)->connected = any(4);
	((struct interface *)interface)->gateways = any(4) == 0;
	ip_address_parse(NAME("192.0.2.", 250 + any(4)), &((struct interface *)interface)->gateway[0].address);
	put(interface);
}

/* Each has a VNI of its own that next hops use, and some that it may share. */
static void change_tunnel(void)
{
	unsigned int number = any(TUNNELS), vni;
	uint16_t port = any(2) ? 4789 : 6081;
	struct resource *tunnel =
		fake_tunnel(NAME("t", number), port == 4789 ? DP_TUNNEL_VXLAN : DP_TUNNEL_GENEVE,
			    NAME("10.0.1.", 1 + any(2)), number ? NAME("10.0.2.", 1 + number) : "192.0.2.1", port,
			    NAME("v", any(2)), 100 + number, NAME("v", any(VRFS)));

	for (vni = any(3); vni < 6; vni += 1 + any(3))
		fake_bind(tunnel, 10 + vni, NAME("v", vni % VRFS));
	put(tunnel);
}

static void change_hop(void)
{
	/* Often by an untagged one, whose neighbours change often. */
	struct text hop = name("h", any(HOPS)), via = name("i", any(2) ? any(2) : any(INTERFACES)), tunnel;
	unsigned int number = any(TUNNELS);

	tunnel = name("t", number);
	if (any(8) == 0)
		put(fake_discard(hop.text));
	else if (any(2) && there_is(RESOURCE_TUNNEL_ENDPOINT, tunnel.text))
		put(fake_tunnel_hop(hop.text, tunnel.text, 100 + number, some_mac()));
	else if (there_is(RESOURCE_INTERFACE, via.text))
		put(fake_gateway(hop.text, via.text, NAME("192.0.2.", 1 + any(4)), any(4) ? NULL : some_mac()));
}

static void change_group(void)
{
	struct text member[3];

	for (int i = 0; i < 3; i++) {
		unsigned int number = any(HOPS);

		if (!there_is(RESOURCE_NEXT_HOP, NAME("h", number)))
			return;
		snprintf(member[i].text, sizeof(member[i].text), "h%u*%u", number, 1 + any(3));
	}
	put(any(2) ? fake_group(NAME("g", any(GROUPS)), member[0].text, member[1].text, member[2].text, NULL)
		   : fake_group(NAME("g", any(GROUPS)), member[0].text, NULL));
}

/* Of a prefix in a VRF always the same one, and no other's. */
uint32_t route_id(unsigned int vrf, const char *prefix)
{
	static struct text known[64];
	uint32_t at = 0;

	while (*known[at].text && strcmp(known[at].text, prefix) != 0)
		at++;
	snprintf(known[at].text, sizeof(known[at].text), "%s", prefix);
	return 1 + at * VRFS + vrf;
}

static void change_route(void)
{
	struct text group = name("g", any(GROUPS));
	/* To the remotes of tunnels, or where the router may have addresses, or neighbours. */
	struct text prefix =
		any(3) ? name("10.0.2.", 1 + any(TUNNELS)) : name("192.0.2.", any(2) ? 1 + any(4) : 250 + any(4));
	unsigned int vrf = any(3);
	struct route *route;

	if (!there_is(RESOURCE_NEXT_HOP_GROUP, group.text) || is_changed(RESOURCE_VRF, ""))
		return;
	if (any(4) == 0)
		strcpy(prefix.text, any(2) ? "10.0.2.0/29" : any(2) ? "192.0.2.0/24" : "0.0.0.0/0");
	else
		strcat(prefix.text, "/32");
	route = (struct route *)fake_route(NAME("v", vrf), prefix.text, group.text, route_id(vrf, prefix.text));
	route->next_best = any(2);
	route->preference = (uint8_t)(1 + any(3));
	if (is_key_changed(&route->resource))
		return;
	if (any(3) || !snapshot_find_key(in_the_making(), RESOURCE_ROUTE,
					 &(struct resource_key){route->key.vrf->text, &route->key.prefix, NULL}))
		change(&route->resource);
	else
		withdraw_route(route->key.vrf->text, prefix.text);
}

static void change_pair(void)
{
	unsigned int number = any(PAIRS), first = any(2), ingress = 8 + 2 * number + first;

	if (there_is(RESOURCE_INTERFACE, NAME("i", ingress)) && there_is(RESOURCE_INTERFACE, NAME("i", ingress ^ 1)))
		put(fake_pair(NAME("p", number), NAME("i", ingress), NAME("i", ingress ^ 1)));
}

/* Free for the resource with this name: nobody else has it. */
static bool is_free(enum resource_kind kind, const char *text, const char *for_whom)
{
	return there_is(kind, text) && !user_of(kind, text, for_whom);
}

static void change_pair_group(void)
{
	struct text group = name("pg", any(PAIR_GROUPS)), pair[2] = {name("p", any(PAIRS)), name("p", any(PAIRS))};

	if (!is_free(RESOURCE_PORT_PAIR, pair[0].text, group.text))
		return;
	if (strcmp(pair[0].text, pair[1].text) != 0 && is_free(RESOURCE_PORT_PAIR, pair[1].text, group.text))
		put(fake_pair_group(group.text, any(2), pair[0].text, pair[1].text, NULL));
	else
		put(fake_pair_group(group.text, any(2), pair[0].text, NULL));
}

static void change_classifier(void)
{
	struct text text = name("c", any(CLASSIFIERS));
	const struct port_chain *chain = (const struct port_chain *)user_of(RESOURCE_FLOW_CLASSIFIER, text.text, NULL);
	const struct flow_classifier *there =
		(const struct flow_classifier *)snapshot_find(in_the_making(), RESOURCE_FLOW_CLASSIFIER, text.text);
	struct text vrf = name("v", any(VRFS));

	if (chain && chain->classifier_count > 1)
		snprintf(vrf.text, sizeof(vrf.text), "%s", there->vrf->text);
	put(fake_classifier(text.text, vrf.text, (uint16_t)any(5), any(2) ? "10.1.0.0/16" : NULL, NULL, 6,
			    (uint16_t)any(1000)));
}

static void change_chain(void)
{
	struct text chain = name("k", any(CHAINS)),
		    group[2] = {name("pg", any(PAIR_GROUPS)), name("pg", any(PAIR_GROUPS))};
	struct text classifier[2] = {name("c", any(CLASSIFIERS)), name("c", any(CLASSIFIERS))};
	bool two_groups = strcmp(group[0].text, group[1].text) != 0 &&
			  is_free(RESOURCE_PORT_PAIR_GROUP, group[1].text, chain.text);
	bool two_classifiers = strcmp(classifier[0].text, classifier[1].text) != 0 &&
			       is_free(RESOURCE_FLOW_CLASSIFIER, classifier[1].text, chain.text);

	if (!is_free(RESOURCE_PORT_PAIR_GROUP, group[0].text, chain.text) ||
	    !is_free(RESOURCE_FLOW_CLASSIFIER, classifier[0].text, chain.text))
		return;
	for (int i = 0; two_classifiers && i < 1; i++) {
		const struct flow_classifier *a = (const struct flow_classifier *)snapshot_find(
			in_the_making(), RESOURCE_FLOW_CLASSIFIER, classifier[0].text);
		const struct flow_classifier *b = (const struct flow_classifier *)snapshot_find(
			in_the_making(), RESOURCE_FLOW_CLASSIFIER, classifier[1].text);

		two_classifiers = a->vrf == b->vrf;
	}
	put(fake_chain(chain.text, any(2), classifier[0].text, two_classifiers ? classifier[1].text : NULL,
		       two_classifiers ? NULL : group[0].text,
		       two_classifiers ? group[0].text
		       : two_groups    ? group[1].text
				       : NULL,
		       two_classifiers && two_groups ? group[1].text : NULL, NULL));
}

static void remove_something(void)
{
	static const struct {
		enum resource_kind kind;
		const char *prefix;
		unsigned int first, count;
	} kinds[] = {{RESOURCE_VRF, "v", VRFS, VRFS},
		     {RESOURCE_INTERFACE, "i", 2, INTERFACES - 2},
		     {RESOURCE_TUNNEL_ENDPOINT, "t", 0, TUNNELS},
		     {RESOURCE_NEXT_HOP, "h", 0, HOPS},
		     {RESOURCE_NEXT_HOP_GROUP, "g", 0, GROUPS},
		     {RESOURCE_PORT_PAIR, "p", 0, PAIRS},
		     {RESOURCE_PORT_PAIR_GROUP, "pg", 0, PAIR_GROUPS},
		     {RESOURCE_FLOW_CLASSIFIER, "c", 0, CLASSIFIERS},
		     {RESOURCE_PORT_CHAIN, "k", 0, CHAINS}};
	unsigned int i = any(sizeof(kinds) / sizeof(kinds[0]));

	remove_unused(kinds[i].kind, NAME(kinds[i].prefix, kinds[i].first + any(kinds[i].count)));
}

void change_something(void)
{
	static void (*const changes[])(void) = {
		change_vrf,	   swap_devices,     change_interface, change_interface, change_tunnel,
		change_tunnel,	   change_hop,	     change_hop,       change_group,	 change_group,
		change_route,	   change_route,     change_pair,      change_chain,	 change_pair_group,
		change_classifier, change_chain,     remove_something, remove_something, remove_something,
		change_service,	   change_service,   change_service,   change_policy,	 change_policy,
		change_policy,	   change_candidate, change_candidate, change_candidate};

	changes[any(sizeof(changes) / sizeof(changes[0]))]();
}

/* VLAN device n is on device n % DEVICES, with a VLAN that an interface may have. */
static void change_vlan_device(unsigned int number)
{
	uint32_t ifindex = FIRST_VLAN + number;

	if (any(3))
		fake_vlan(ifindex, NAME("vlan", number), FIRST_LINK + any(DEVICES), (uint16_t)(20 + 10 * any(14)));
	else
		fake_link_gone(ifindex);
}

/* Alone, or with a link where neighbours are. */
static const char *some_address(void)
{
	static char text[IP_PREFIX_TEXT];

	snprintf(text, sizeof(text), "192.0.2.%u%s", 250 + any(4), any(2) ? "/24" : "");
	return text;
}

void cause_event(void)
{
	unsigned int device = any(DEVICES);
	uint32_t ifindex = FIRST_LINK + device;

	switch (any(10)) {
	case 0:
		if (any(2))
			fake_link_gone(ifindex);
		break;
	case 1:
	case 6: /* renamed at times */
		if (any(4) == 0) {
			fake_link_gone(FIRST_LINK + any(DEVICES));
			device = any(DEVICES);
			for (uint32_t i = FIRST_LINK; i < FIRST_LINK + DEVICES; i++)
				if (fake_link_is(i, NAME("eth", device)))
					fake_link_gone(i);
		}
		if (fake_link_is(ifindex, NAME("eth", device)) || !fake_link_named(NAME("eth", device)))
			fake_link(ifindex, NAME("eth", device), any(4) != 0);
		break;
	case 2:
		change_vlan_device(any(10));
		break;
	case 3:
		if (fake_link_is(ifindex, NULL))
			fake_address(ifindex, some_address());
		break;
	case 4:
		fake_address_gone(ifindex, NAME("192.0.2.", 250 + any(4)));
		break;
	case 5:
		fake_neighbour_fails(FIRST_LINK + any(2), NAME("192.0.2.", 1 + any(4)));
		break;
	default:
		fake_neighbour(any(4) ? FIRST_LINK + any(2) : FIRST_VLAN + any(10), NAME("192.0.2.", 1 + any(4)),
			       any(2) ? some_mac() : NULL);
	}
}

void add_first_resources(void)
{
	for (unsigned int i = 0; i < DEVICES; i++)
		fake_link(FIRST_LINK + i, NAME("eth", i), true);
	for (unsigned int i = 0; i < VRFS; i++)
		change(fake_vrf(NAME("v", i), NULL));
	for (unsigned int i = 0; i < INTERFACES; i++)
		change(fake_interface(NAME("i", i), NAME("eth", i % DEVICES), "v0", (uint16_t)(i < 2 ? 0 : i * 10)));
	withdraw_route("red", "10.0.0.0/8");
	withdraw(RESOURCE_NEXT_HOP_GROUP, "group");
	withdraw(RESOURCE_NEXT_HOP, "hop");
	withdraw(RESOURCE_INTERFACE, "a");
	assert_int_equal(commit(), 0);
}

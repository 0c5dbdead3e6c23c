/* SPDX-License-Identifier: Apache-2.0 */
#include "service_fake.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/dp/hash.h"

static struct ip_address address(const char *text)
{
	struct ip_address result = {0};
	int error = ip_address_parse(text, &result);

	assert(!error);
	return result;
}

struct resource *fake_balancer(const char *name, const char *vrf, const char *vip)
{
	struct load_balancer *balancer = fake_make(RESOURCE_LOAD_BALANCER, name, sizeof(*balancer));

	balancer->vrf = fake_name(RESOURCE_VRF, vrf);
	balancer->vip = address(vip);
	return &balancer->resource;
}

struct resource *fake_listener(const char *name, const char *balancer, uint8_t protocol, uint16_t first, uint16_t last,
			       ...)
{
	struct listener *listener =
		fake_make(RESOURCE_LISTENER, name, sizeof(*listener) + DP_LISTENER_POOLS * sizeof(listener->share[0]));
	const char *pool;
	va_list pools;

	listener->load_balancer = fake_name(RESOURCE_LOAD_BALANCER, balancer);
	listener->protocol = protocol;
	listener->first_port = first;
	listener->last_port = last;
	va_start(pools, last);
	while ((pool = va_arg(pools, const char *))) {
		int share = DP_SHARE_ALL;
		char text[64];

		sscanf(pool, "%63[^*]*%d", text, &share);
		listener->share[listener->count++] =
			(struct listener_share){fake_name(RESOURCE_POOL, text), (uint16_t)share};
	}
	va_end(pools);
	return &listener->resource;
}

struct resource *fake_pool(const char *name, const char *vrf, bool direct)
{
	struct pool *pool = fake_make(RESOURCE_POOL, name, sizeof(*pool));

	pool->vrf = fake_name(RESOURCE_VRF, vrf);
	pool->lb_algorithm = SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_MAGLEV;
	pool->forwarding = direct ? SLUICE__V1__FORWARDING__FORWARDING_DIRECT : SLUICE__V1__FORWARDING__FORWARDING_DNAT;
	pool->on_member_down = SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_REHASH;
	pool->prefix4 = 32;
	pool->prefix6 = 128;
	pool->previous_seconds = 60;
	return &pool->resource;
}

struct resource *fake_member(const char *name, const char *pool, const char *text, uint16_t port)
{
	struct member *member = fake_make(RESOURCE_MEMBER, name, sizeof(*member));

	member->pool = fake_name(RESOURCE_POOL, pool);
	member->address = address(text);
	member->port = port;
	member->weight = 1;
	member->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_ACTIVE;
	return &member->resource;
}

void fake_put_service(struct snapshot *snapshot)
{
	fake_put(snapshot, fake_vrf("red", NULL));
	fake_put(snapshot, fake_vrf("blue", NULL));
	fake_put(snapshot, fake_balancer("lb", "red", "10.0.0.1"));
	fake_put(snapshot, fake_pool("web", "red", false));
	fake_put(snapshot, fake_pool("far", "red", true));
	fake_put(snapshot, fake_listener("http", "lb", 6, 80, 80, "web*900", "far*100", NULL));
	fake_put(snapshot, fake_member("m1", "web", "10.1.0.1", 8080));
	fake_put(snapshot, fake_member("m2", "web", "10.1.0.2", 8080));
}

const void *fake_entry(const struct bank *bank, enum dp_table table, const void *entry, unsigned int words)
{
	__u64 key[3];
	uint32_t rows = bank_rows(&fake_limits, table);

	memcpy(key, entry, words * sizeof(*key));
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		const void *slot = bank_row(bank, table, (dp_hash(key, words) + i) & (rows - 1));

		if (memcmp(slot, key, words * sizeof(*key)) == 0)
			return slot;
	}
	return NULL;
}

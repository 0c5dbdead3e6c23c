/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of load balancers, listeners, pools and members. Each has a VIP, ports or a server id of its own. */
#include <stdio.h>
#include <stdlib.h>

#include "random_changes.h"
#include "service_fake.h"

#define BALANCERS 4
#define LISTENERS 8
#define POOLS	  4
#define MEMBERS	  12
#define VRFS	  4

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

/* The VIPs are addresses that the kernel gets and loses, too. */
static void change_balancer(void)
{
	unsigned int number = any(BALANCERS);

	put(fake_balancer(NAME("lb", number), NAME("v", any(VRFS)), NAME("192.0.2.", 250 + number)));
}

static void change_pool(void)
{
	put(fake_pool(NAME("po", any(POOLS)), NAME("v", any(VRFS)), any(2)));
}

static void change_listener(void)
{
	struct text balancer = name("lb", any(BALANCERS)), pool = name("po", any(POOLS));
	unsigned int number = any(LISTENERS);
	uint16_t port = (uint16_t)(100 + number * 10);

	if (!there_is(RESOURCE_LOAD_BALANCER, balancer.text) || !there_is(RESOURCE_POOL, pool.text))
		return;
	put(fake_listener(NAME("ls", number), balancer.text, any(2) ? 6 : 17, port,
			  (uint16_t)(port + (any(2) ? any(10) : 0)), pool.text, NULL));
}

static void change_member(void)
{
	struct text pool = name("po", any(POOLS)), group = name("g", any(2));
	unsigned int number = any(MEMBERS);
	struct member *member;

	if (!there_is(RESOURCE_POOL, pool.text))
		return;
	member = (struct member *)fake_member(NAME("m", number), pool.text, NAME("10.8.0.", 1 + any(4)),
					      (uint16_t)any(3));
	member->quic_server_id = (uint16_t)(any(2) ? 1 + number : 0);
	member->weight = (uint16_t)any(3);
	member->admin_state = (uint8_t)(1 + any(3));
	if (any(4) == 0 && there_is(RESOURCE_NEXT_HOP_GROUP, group.text))
		member->next_hop_group = fake_name(RESOURCE_NEXT_HOP_GROUP, group.text);
	put(&member->resource);
}

static void remove_part(void)
{
	switch (any(4)) {
	case 0:
		remove_unused(RESOURCE_LOAD_BALANCER, NAME("lb", any(BALANCERS)));
		break;
	case 1:
		remove_unused(RESOURCE_LISTENER, NAME("ls", any(LISTENERS)));
		break;
	case 2:
		remove_unused(RESOURCE_POOL, NAME("po", any(POOLS)));
		break;
	default:
		remove_unused(RESOURCE_MEMBER, NAME("m", any(MEMBERS)));
	}
}

void change_service(void)
{
	static void (*const changes[])(void) = {change_balancer, change_pool,	change_listener, change_listener,
						change_member,	 change_member, change_member,	 remove_part};

	changes[any(sizeof(changes) / sizeof(changes[0]))]();
}

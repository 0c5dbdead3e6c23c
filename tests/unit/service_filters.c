/* SPDX-License-Identifier: Apache-2.0 */
/* Which listener a flow of a service is to, and what a filter by listener or load balancer selects and deletes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/connections/vips.h"

#define SETS4 16U
#define VRF   3
#define PORTS 32

/* Load balancer 1 at 192.0.2.1 has listener 5 at TCP port 443, load balancer 2 has listener 6; member 2. */
enum { MEMBER = 2, LISTENER = 5, OTHER = 6 };

static struct dp_connection_set4 set4[SETS4];
static struct dp_connection_set6 set6[1];
static struct dp_connection_head head;
static struct dp_conntrack rows[VRF + 1];
static struct dp_member members[4];
static struct dp_pool pools[2];
static struct dp_listener listeners[8];
static struct dp_load_balancer balancers[4];
static struct dp_listener_port ports[PORTS];
static struct dp_member_load loads[4];
static const struct connection_tables tables = {set4, set6, SETS4, 1, &head, loads, 4};
static struct vips vips;
static const struct conntracks how = {.row = rows,
				      .count = VRF + 1,
				      .member = members,
				      .pool = pools,
				      .listener = listeners,
				      .balancer = balancers,
				      .port = ports,
				      .members = 4,
				      .pools = 2,
				      .listeners = 8,
				      .balancers = 4,
				      .ports = PORTS,
				      .vips = &vips};

/* From 10.0.0.1:1000 to the VIP, with ANSWER between client and member. */
static void put(unsigned int place, enum dp_connection_kind kind, uint32_t id)
{
	struct dp_connection4 *way = set4[place].way;
	const bool affinity = kind == DP_CONNECTION_AFFINITY;

	way->ends = (uint64_t)htonl(0x0a000001) << 32 | htonl(0xc0000201);
	way->connection.rest = (affinity ? LISTENER : 1000 | 443U << 16) | (uint64_t)VRF << 32 |
			       (uint64_t)IPPROTO_TCP << 48 | (uint64_t)kind << DP_CONNECTION_KIND_SHIFT;
	way->connection.note = id;
	way->connection.life = dp_connection_life(conntrack_now(), DP_CONNECTION_ESTABLISHED, 0, 1);
}

static int set_up(void **state)
{
	struct dp_listener_port port = {.load_balancer = 1, .port = 443, .protocol = IPPROTO_TCP, .listener = LISTENER};
	struct ip_address vip;
	__u64 key;

	(void)state;
	memset(set4, 0, sizeof(set4));
	memset(ports, 0, sizeof(ports));
	assert_int_equal(ip_address_parse("192.0.2.1", &vip), 0);
	ip_address_map(&vip, balancers[1].vip.byte);
	balancers[1].vrf = VRF;
	memcpy(&key, &port, sizeof(key));
	ports[dp_hash(&key, 1) % PORTS] = port;
	members[MEMBER].incarnation = 1;
	listeners[LISTENER] = (struct dp_listener){.load_balancer = 1, .incarnation = 1};
	listeners[OTHER] = (struct dp_listener){.load_balancer = 2, .incarnation = 1};
	put(0, DP_CONNECTION_SERVICE, MEMBER);
	put(1, DP_CONNECTION_AFFINITY, MEMBER);
	put(2, DP_CONNECTION_ANSWER, LISTENER);
	put(3, DP_CONNECTION_ANSWER, OTHER);
	put(4, DP_CONNECTION_POLICY, MEMBER);
	return vips_make(&vips, &how);
}

static int tear_down(void **state)
{
	(void)state;
	vips_free(&vips);
	return 0;
}

static unsigned int count(struct connection_filter filter)
{
	struct connection connection;
	uint64_t place = 0;
	unsigned int found = 0;

	while (conntrack_next(&tables, &how, &filter, &place, &connection))
		found++;
	return found;
}

static void flows_have_their_listener(void **state)
{
	const struct connection_filter everything = {0};
	struct connection read;
	uint64_t place = 0;

	(void)state;
	assert_true(conntrack_next(&tables, &how, &everything, &place, &read));
	assert_int_equal(read.kind, DP_CONNECTION_SERVICE);
	assert_int_equal(read.listener, LISTENER);
}

static void filters_select(void **state)
{
	(void)state;
	assert_int_equal(count((struct connection_filter){0}), 5);
	assert_int_equal(count((struct connection_filter){.listener = LISTENER}), 3);
	assert_int_equal(count((struct connection_filter){.listener = OTHER}), 1);
	assert_int_equal(count((struct connection_filter){.listener = LISTENER, .member = MEMBER}), 2);
	assert_int_equal(count((struct connection_filter){.balancer = 1}), 3);
	assert_int_equal(count((struct connection_filter){.balancer = 2}), 1);
	assert_int_equal(count((struct connection_filter){.balancer = 3}), 0);
	/* A listener that is gone has no flows: they are the VIP's still. */
	memset(ports, 0, sizeof(ports));
	assert_int_equal(count((struct connection_filter){.listener = LISTENER}), 2);
	assert_int_equal(count((struct connection_filter){.balancer = 1}), 3);
}

/* And what is not selected stays. */
static void filters_delete(void **state)
{
	(void)state;
	assert_int_equal(conntrack_delete(&tables, &how, &(struct connection_filter){.balancer = 1}), 3);
	assert_int_equal(count((struct connection_filter){0}), 2);
	assert_int_equal(count((struct connection_filter){.listener = OTHER}), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(flows_have_their_listener, set_up, tear_down),
		cmocka_unit_test_setup_teardown(filters_select, set_up, tear_down),
		cmocka_unit_test_setup_teardown(filters_delete, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

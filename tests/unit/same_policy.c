/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "same_tables.h"
#include "vnf/core/address.h"
#include "vnf/dataplane/policy/find.h"

#define QUERIES 200 /* of each VRF that has rules */

static const char *const addresses[] = {"10.0.0.1",  "10.0.1.1",    "10.1.0.1",	   "10.1.0.2",	    "10.2.0.1",
					"192.0.2.1", "203.0.113.1", "2001:db8::1", "2001:db8:1::1", "2001:db9::1"};
static const uint16_t ports[] = {25, 80, 81, 443, 1024};

static struct dp_address some_address(unsigned int number, uint8_t *family)
{
	struct ip_address address;
	struct dp_address to;

	assert_int_equal(ip_address_parse(addresses[number % (sizeof(addresses) / sizeof(*addresses))], &address), 0);
	*family = address.family;
	ip_address_map(&address, to.byte);
	return to;
}

/* The rule by its id, and what becomes of the packet: where rows are may differ. */
static void same_rules(const struct bank *a, const struct bank *b, const struct policy_found *one,
		       const struct policy_found *other)
{
	for (int i = 0; i < DP_POLICY_CATEGORIES; i++) {
		const struct dp_policy_rule *x = &a->policy_rules[one->row[i]], *y = &b->policy_rules[other->row[i]];

		assert_int_equal(x->id, y->id);
		assert_int_equal(x->order, y->order);
		assert_int_equal(x->action, y->action);
		assert_int_equal(x->flags, y->flags);
		assert_int_equal(x->target, y->target);
	}
}

void assert_same_policy(const struct dp_limits *limits, const struct bank *a, const struct bank *b)
{
	for (uint16_t vrf = 1; vrf <= limits->vrfs; vrf++) {
		assert_int_equal(a->policies[vrf].categories, b->policies[vrf].categories);
		for (unsigned int i = 0; i < QUERIES && a->policies[vrf].categories; i++) {
			struct policy_query query = {.vrf = vrf, .protocol = 6, .has_ports = 1, .categories = 0xff};
			struct policy_found one, other;
			uint8_t family;

			query.source = some_address(i, &query.family);
			query.destination = some_address(i / 10 + i % 7, &family);
			query.source_port = 2000;
			query.destination_port = ports[i * 3 % 5];
			query.dscp = (uint8_t)(i % 3);
			if (family != query.family)
				continue;
			assert_int_equal(policy_find(a, limits, &query, &one), 0);
			assert_int_equal(policy_find(b, limits, &query, &other), 0);
			same_rules(a, b, &one, &other);
		}
	}
}

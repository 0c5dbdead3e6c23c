/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols that rules ask for have a number each, 0 is that of all others, and by number and family a bitmap of
 * tuples. */
#include <errno.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define NUMBERS 256

static uint64_t *bitmap(const struct policy *policy, const struct policy_vrf *vrf, uint32_t number, int ipv6)
{
	uint32_t word = policy_vrf_row(policy, vrf)->protocols + DP_POLICY_PROTOCOL_WORDS;

	return (uint64_t *)policy_at(policy, word) + (number * 2 + (uint32_t)ipv6) * BITMAP_WORDS;
}

static uint8_t *numbers(const struct policy *policy, const struct policy_vrf *vrf)
{
	return policy_at(policy, policy_vrf_row(policy, vrf)->protocols);
}

static int make_room(struct policy *policy, struct policy_vrf *vrf, uint32_t number)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);
	uint32_t room = vrf->protocol_room * 2, had, block;

	if (number < vrf->protocol_room)
		return 0;
	if (number == NUMBERS)
		return -E2BIG;
	block = policy_words_alloc(policy, DP_POLICY_PROTOCOL_WORDS + room * 2 * BITMAP_WORDS);
	if (!block)
		return -ENOSPC;
	had = DP_POLICY_PROTOCOL_WORDS + vrf->protocol_room * 2 * BITMAP_WORDS;
	memcpy(policy_at(policy, block), policy_at(policy, row->protocols), had * sizeof(uint64_t));
	fib_pool_release(policy->pool, row->protocols);
	row->protocols = block;
	vrf->protocol_room = room;
	return 0;
}

int policy_protocol_use(struct policy *policy, struct policy_vrf *vrf, uint8_t protocol, uint8_t *number)
{
	uint32_t free_number = numbers(policy, vrf)[protocol];
	int status;

	if (!free_number) {
		for (free_number = 1; free_number < NUMBERS && vrf->protocol_rules[free_number]; free_number++)
			;
		status = make_room(policy, vrf, free_number);
		if (status)
			return status;
		numbers(policy, vrf)[protocol] = (uint8_t)free_number;
		memcpy(bitmap(policy, vrf, free_number, 0), bitmap(policy, vrf, 0, 0),
		       2 * BITMAP_WORDS * sizeof(uint64_t));
	}
	vrf->protocol_rules[free_number]++;
	*number = (uint8_t)free_number;
	return 0;
}

void policy_protocol_leave(struct policy *policy, struct policy_vrf *vrf, uint8_t protocol, uint8_t number)
{
	if (!number || --vrf->protocol_rules[number])
		return;
	numbers(policy, vrf)[protocol] = 0;
}

static void mark(struct policy *policy, struct policy_vrf *vrf, uint32_t number, uint8_t tuple, uint8_t flags, bool set)
{
	uint64_t bit = 1ULL << tuple % 64;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		uint64_t *word = &bitmap(policy, vrf, number, ipv6)[tuple / 64];
		bool about = !(flags & (ipv6 ? DP_TUPLE_IPV4 : DP_TUPLE_IPV6));

		*word = set && about ? *word | bit : *word & ~bit;
	}
}

void policy_protocol_tuple(struct policy *policy, struct policy_vrf *vrf, uint8_t number, uint8_t tuple, uint8_t flags,
			   bool set)
{
	if (flags & DP_TUPLE_PROTOCOL) {
		mark(policy, vrf, number, tuple, flags, set);
		return;
	}
	for (uint32_t any = 0; any < vrf->protocol_room; any++)
		mark(policy, vrf, any, tuple, flags, set);
}

void policy_protocols_clear(struct policy *policy, struct policy_vrf *vrf)
{
	memset(bitmap(policy, vrf, 0, 0), 0, (size_t)vrf->protocol_room * 2 * BITMAP_WORDS * sizeof(uint64_t));
}

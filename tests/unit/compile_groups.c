/* SPDX-License-Identifier: Apache-2.0 */
/* How vnf/features/base/group_tables.c shares the buckets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_run.h"
#include "vnf/features/base/next_hop_tables.h"

static int teardown(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void share(const struct resource *group, uint64_t live, int bucket[DP_GROUP_BUCKETS], int *count)
{
	group_buckets((const struct next_hop_group *)group, live, bucket);
	memset(count, 0, DP_MAX_GROUP_MEMBERS * sizeof(*count));
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		if (bucket[i] >= 0)
			count[bucket[i]]++;
}

static void weights_are_met(void **state)
{
	int bucket[DP_GROUP_BUCKETS], count[DP_MAX_GROUP_MEMBERS];

	(void)state;
	share(fake_group("g", "a", "b", NULL), 3, bucket, count);
	assert_int_equal(count[0], 64);
	assert_int_equal(count[1], 64);
	share(fake_group("g", "a*3", "b", NULL), 3, bucket, count);
	assert_int_equal(count[0], 96);
	share(fake_group("g", "a*100", "b*1", "c*100", NULL), 7, bucket, count);
	assert_int_equal(count[1], 1); /* little, but something */
	assert_in_range(count[0], 63, 64);
	share(fake_group("g", "a", "b", "c", NULL), 7, bucket, count);
	for (int i = 0; i < 3; i++)
		assert_in_range(count[i], 42, 43);
}

static void many_members_all_get_some(void **state)
{
	struct next_hop_group *group = (struct next_hop_group *)fake_group("g", "n0", NULL);
	int bucket[DP_GROUP_BUCKETS], count[DP_MAX_GROUP_MEMBERS];
	char name[8];

	(void)state;
	for (int i = 0; i < DP_MAX_GROUP_MEMBERS; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		group->member[i] = (struct next_hop_member){fake_name(RESOURCE_NEXT_HOP, name), i ? 1 : 100};
	}
	group->count = DP_MAX_GROUP_MEMBERS;
	share(&group->resource, ~0ULL, bucket, count);
	for (int i = 1; i < DP_MAX_GROUP_MEMBERS; i++)
		assert_int_equal(count[i], 1);
	assert_int_equal(count[0], DP_GROUP_BUCKETS - DP_MAX_GROUP_MEMBERS + 1);
	share(&group->resource, 1ULL << 63, bucket, count);
	assert_int_equal(count[63], DP_GROUP_BUCKETS);
	share(&group->resource, 0, bucket, count);
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		assert_int_equal(bucket[i], -1);
}

/* Whoever dies in whatever order: only the buckets of the dead change hands. */
static void a_lost_member_moves_only_its_own(void **state)
{
	const struct resource *group = fake_group("g", "a", "b*2", "c", "d*3", "e", NULL);
	int before[DP_GROUP_BUCKETS], after[DP_GROUP_BUCKETS], count[DP_MAX_GROUP_MEMBERS];

	(void)state;
	for (uint64_t live = 1; live < 32; live++) {
		share(group, live, before, count);
		for (int dies = 0; dies < 5; dies++) {
			uint64_t left = live & ~(1ULL << dies);

			if (left == live || !left)
				continue;
			share(group, left, after, count);
			for (int i = 0; i < DP_GROUP_BUCKETS; i++) {
				if (before[i] == dies)
					assert_true(left >> after[i] & 1);
				else
					assert_int_equal(after[i], before[i]);
			}
		}
	}
	/* The lost share is spread, by weight. */
	share(group, 31 & ~8, after, count);
	for (int i = 0; i < 5; i++)
		assert_true(i == 3 ? count[i] == 0 : count[i] > 16);
}

/* A member more or less in the configuration moves about its own share; the order of members means nothing. */
static void membership_moves_little(void **state)
{
	const struct resource *four = fake_group("g", "a", "b", "c", "d", NULL);
	const struct resource *three = fake_group("g", "c", "a", "b", NULL);
	const int in_four[] = {2, 0, 1};
	int before[DP_GROUP_BUCKETS], after[DP_GROUP_BUCKETS], count[DP_MAX_GROUP_MEMBERS], moved = 0;

	(void)state;
	share(four, 15, before, count);
	share(three, 7, after, count);
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		moved += in_four[after[i]] != before[i];
	assert_in_range(moved, 32, 48); /* 32 had to */
}

static void buckets_follow_live_next_hops(void **state)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct fake_run *fake = fake_run_new();
	const struct dp_group *group;
	int result;

	(void)state;
	fake_link(3, "eth0", true);
	fake_put(snapshot, fake_vrf("red", NULL));
	fake_put(snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(snapshot, fake_gateway("g1", "a", "192.0.2.1", "02:00:00:00:00:aa"));
	fake_put(snapshot, fake_gateway("g2", "a", "192.0.2.2", NULL));
	fake_put(snapshot, fake_group("group", "g1", "g2", NULL));
	fake_put(snapshot, fake_group("waits", "g2", NULL));
	group = &fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "group")];
	assert_int_equal(fake_run(fake, snapshot), 0);
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		assert_int_equal(group->bucket[i], fake_id(RESOURCE_NEXT_HOP, "g1"));
	assert_int_equal(group->only, fake_id(RESOURCE_NEXT_HOP, "g1"));
	assert_int_equal(fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "waits")].only, 0);
	assert_int_equal(fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "waits")].bucket[0], 0);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "group"), PENDING_NONE);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "waits"), PENDING_MEMBERS);

	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	assert_int_equal(fake_run(fake, snapshot), 0);
	assert_int_equal(group->only, 0);
	result = 0;
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		result += group->bucket[i] == fake_id(RESOURCE_NEXT_HOP, "g2");
	assert_int_equal(result, DP_GROUP_BUCKETS / 2);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "waits"), PENDING_NONE);

	fake_run_free(fake);
	free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(weights_are_met, teardown),
		cmocka_unit_test_teardown(many_members_all_get_some, teardown),
		cmocka_unit_test_teardown(a_lost_member_moves_only_its_own, teardown),
		cmocka_unit_test_teardown(membership_moves_little, teardown),
		cmocka_unit_test_teardown(buckets_follow_live_next_hops, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

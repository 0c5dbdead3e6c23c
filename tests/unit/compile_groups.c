/* SPDX-License-Identifier: Apache-2.0 */
/* How the buckets of groups are shared. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_run.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/buckets.h"

static int teardown(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void share(const struct resource *resource, uint64_t live, uint8_t bucket[DP_GROUP_BUCKETS], int *count)
{
	const struct next_hop_group *group = (const struct next_hop_group *)resource;
	struct bucket_members members = {0};

	for (size_t i = 0; i < group->count; i++)
		buckets_add_member(&members, group->member[i].next_hop->text, group->member[i].weight, live >> i & 1);
	memset(count, 0, DP_MAX_GROUP_MEMBERS * sizeof(*count));
	assert_int_equal(buckets_share(&members, bucket, DP_GROUP_BUCKETS), live != 0);
	for (int i = 0; live && i < DP_GROUP_BUCKETS; i++)
		count[bucket[i]]++;
}

static void weights_are_met(void **state)
{
	uint8_t bucket[DP_GROUP_BUCKETS];
	int count[DP_MAX_GROUP_MEMBERS];

	(void)state;
	share(fake_group("g", "a", "b", NULL), 3, bucket, count);
	assert_int_equal(count[0], DP_GROUP_BUCKETS / 2);
	share(fake_group("g", "a*3", "b", NULL), 3, bucket, count);
	assert_int_equal(count[0], DP_GROUP_BUCKETS * 3 / 4);
	share(fake_group("g", "a", "b", "c", NULL), 7, bucket, count);
	for (int i = 0; i < 3; i++)
		assert_in_range(count[i], 341, 342);
	/* To 0.1%, each at least one. */
	for (int i = 1; i <= 100; i++) {
		char first[8], second[8];

		snprintf(first, sizeof(first), "a*%d", i);
		snprintf(second, sizeof(second), "b*%d", 101 - i);
		share(fake_group("g", first, second, "c*50", NULL), 7, bucket, count);
		assert_true(fabs(count[0] / (double)DP_GROUP_BUCKETS - i / 151.0) < 0.001);
		assert_true(fabs(count[2] / (double)DP_GROUP_BUCKETS - 50 / 151.0) < 0.001);
	}
}

static struct next_hop_group *group_of_64(int first_weight)
{
	struct next_hop_group *group = (struct next_hop_group *)fake_group("g", "n0", NULL);
	char name[8];

	for (int i = 0; i < DP_MAX_GROUP_MEMBERS; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		group->member[i] = (struct next_hop_member){fake_name(RESOURCE_NEXT_HOP, name),
							    (uint8_t)(i ? 1 : first_weight), false};
	}
	group->count = DP_MAX_GROUP_MEMBERS;
	return group;
}

static void many_members_all_get_some(void **state)
{
	uint8_t bucket[DP_GROUP_BUCKETS];
	int count[DP_MAX_GROUP_MEMBERS];

	(void)state;
	share(&group_of_64(1)->resource, ~0ULL, bucket, count);
	for (int i = 0; i < DP_MAX_GROUP_MEMBERS; i++)
		assert_int_equal(count[i], DP_GROUP_BUCKETS / DP_MAX_GROUP_MEMBERS);
	share(&group_of_64(100)->resource, ~0ULL, bucket, count);
	for (int i = 1; i < DP_MAX_GROUP_MEMBERS; i++)
		assert_in_range(count[i], 6, 7); /* 1024 / 163 */
	share(&group_of_64(1)->resource, 1ULL << 63, bucket, count);
	assert_int_equal(count[63], DP_GROUP_BUCKETS);
	share(&group_of_64(1)->resource, 0, bucket, count);
}

/* Whoever dies in whatever order: only the buckets of the dead change hands. */
static void a_lost_member_moves_only_its_own(void **state)
{
	const struct resource *group = fake_group("g", "a", "b*2", "c", "d*3", "e", NULL);
	uint8_t before[DP_GROUP_BUCKETS], after[DP_GROUP_BUCKETS];
	int count[DP_MAX_GROUP_MEMBERS];

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
	/* The lost share is spread, by weight: of eight parts three are left to five. */
	share(group, 31 & ~8, after, count);
	for (int i = 0; i < 5; i++)
		assert_in_range(count[i], i == 3 ? 0 : (i == 1 ? 2 : 1) * DP_GROUP_BUCKETS / 5 * 8 / 10,
				i == 3 ? 0 : (i == 1 ? 2 : 1) * DP_GROUP_BUCKETS / 5 * 12 / 10);
}

/* A member more or less in the configuration moves its own share and little else; the order of members means nothing.
 */
static void membership_moves_little(void **state)
{
	const struct resource *four = fake_group("g", "a", "b", "c", "d", NULL);
	const struct resource *three = fake_group("g", "c", "a", "b", NULL);
	const int in_four[] = {2, 0, 1};
	uint8_t before[DP_GROUP_BUCKETS], after[DP_GROUP_BUCKETS];
	int count[DP_MAX_GROUP_MEMBERS], moved = 0;

	(void)state;
	share(four, 15, before, count);
	share(three, 7, after, count);
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		moved += in_four[after[i]] != before[i];
	assert_in_range(moved, DP_GROUP_BUCKETS / 4, DP_GROUP_BUCKETS / 4 + DP_GROUP_BUCKETS / 32);
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
		assert_int_equal(group->member[group->bucket[i]], fake_id(RESOURCE_NEXT_HOP, "g1"));
	assert_int_equal(group->only, fake_id(RESOURCE_NEXT_HOP, "g1"));
	assert_int_equal(fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "waits")].only, 0);
	assert_int_equal(fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "waits")].member[0], 0);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "group"), PENDING_NONE);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "waits"), PENDING_MEMBERS);

	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	assert_int_equal(fake_run(fake, snapshot), 0);
	assert_int_equal(group->only, 0);
	result = 0;
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		result += group->member[group->bucket[i]] == fake_id(RESOURCE_NEXT_HOP, "g2");
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

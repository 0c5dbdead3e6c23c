/* SPDX-License-Identifier: Apache-2.0 */
/* qos_policies[]: rates as times, which clock, and who follows a limiter that changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/dp/counters.h"
#include "compile_fixture.h"
#include "vnf/features/qos/qos.h"

#define NANOSECOND  (1ULL << DP_LIMITER_UNIT)
#define MILLISECOND (1000000 * NANOSECOND)

static struct rate_limiter limiters[4];
static struct qos_policy policies[4];

/* `as` says where it is made, and is its revision. */
static struct rate_limiter *put_limiter(unsigned int as, const char *name, uint64_t rate, uint64_t burst)
{
	limiters[as] = (struct rate_limiter){.resource = {.kind = RESOURCE_RATE_LIMITER,
							  .revision = as + 1,
							  .self = fake_name(RESOURCE_RATE_LIMITER, name)},
					     .rate = rate,
					     .burst = burst};
	fake_put(&snapshot, &limiters[as].resource);
	return &limiters[as];
}

static void put_policy(unsigned int as, const char *name, const char *limiter, uint8_t dscp)
{
	policies[as] = (struct qos_policy){.resource = {.kind = RESOURCE_QOS_POLICY,
							.revision = as + 1,
							.self = fake_name(RESOURCE_QOS_POLICY, name)},
					   .rate_limiter = limiter ? fake_name(RESOURCE_RATE_LIMITER, limiter) : NULL,
					   .dscp = dscp,
					   .excess_dscp = DP_DSCP_KEEP};
	fake_put(&snapshot, &policies[as].resource);
}

static const struct dp_qos_policy *row(const char *name)
{
	return &fake->bank->qos_policies[fake_id(RESOURCE_QOS_POLICY, name)];
}

static void run_well(void)
{
	assert_int_equal(fake_run(fake, &snapshot), 0);
}

static void times(void **state)
{
	struct dp_rate rate = rate_times(1000000, 12500, false); /* a byte in 8 us, a burst of 100 ms */

	(void)state;
	assert_int_equal(rate.cost >> DP_LIMITER_COST, 8000 * NANOSECOND);
	assert_int_equal(rate.burst, 100 * MILLISECOND);
	rate = rate_times(1, 10, true);
	assert_int_equal(rate.cost >> DP_LIMITER_PACKETS, 1000 * MILLISECOND);
	assert_int_equal(rate.burst, 10000 * MILLISECOND);
	rate = rate_times(400000000000, 500000000000, false); /* 10 s of the highest rate */
	assert_in_range(rate.burst, 9999 * MILLISECOND, 10001 * MILLISECOND);
	assert_in_range(rate.cost * 1500 >> DP_LIMITER_COST, 29 * NANOSECOND, 31 * NANOSECOND);
	rate = rate_times(8000, 10000, false);
	assert_int_equal(rate.burst, 10000 * MILLISECOND);
	assert_int_equal(rate.cost * (1 << 19) >> DP_LIMITER_COST, (1 << 19) * MILLISECOND); /* no overflow */
	assert_int_equal(rate_times(0, 0, false).cost, 0);
}

static void rows(void **state)
{
	struct rate_limiter *limiter = put_limiter(0, "slow", 1000000, 1500000);

	(void)state;
	limiter->scope = DP_LIMITER_SOURCE;
	limiter->source_length4 = 24;
	limiter->source_length6 = 56;
	put_limiter(1, "tight", 1000000000, 1500)->packets = false;
	put_policy(0, "gold", "slow", 46);
	put_policy(1, "silver", "tight", DP_DSCP_KEEP);
	put_policy(2, "mark", NULL, 0);
	run_well();
	assert_int_equal(row("gold")->limiter, fake_id(RESOURCE_RATE_LIMITER, "slow"));
	assert_int_equal(row("gold")->dscp, 46);
	assert_int_equal(row("gold")->excess_dscp, DP_DSCP_KEEP);
	assert_int_equal(row("gold")->scope, DP_LIMITER_SOURCE);
	assert_int_equal(row("gold")->source_length4, 24);
	assert_int_equal(row("gold")->source_length6, 56);
	assert_int_equal(row("gold")->precise, 0);
	assert_int_equal(row("gold")->excess.cost, 0);
	assert_int_equal(row("silver")->precise, 1); /* 12 us */
	assert_true(row("silver")->tag != row("gold")->tag);
	assert_int_equal(row("mark")->limiter, 0);
	assert_int_equal(row("mark")->dscp, 0);
}

/* Only what the limiter says changes in the rows of its policies, and its bucket is left alone. */
static void a_limiter_changes(void **state)
{
	struct dp_qos_policy before;

	(void)state;
	put_limiter(0, "slow", 1000000, 1500000);
	put_policy(0, "gold", "slow", 46);
	put_policy(1, "silver", "slow", DP_DSCP_KEEP);
	run_well();
	before = *row("silver");
	put_limiter(1, "slow", 2000000, 1500000)->excess_rate = 1000000;
	limiters[1].excess_burst = 1500;
	run_well();
	assert_int_equal(row("gold")->rate.cost, before.rate.cost / 2);
	assert_int_equal(row("silver")->rate.cost, before.rate.cost / 2);
	assert_int_equal(row("silver")->excess.cost, before.rate.cost);
	assert_int_equal(row("silver")->tag, before.tag);
	assert_int_equal(row("silver")->limiter, before.limiter);
	fake_remove(&snapshot, RESOURCE_QOS_POLICY, "silver");
	put_policy(2, "gold", NULL, 46);
	run_well();
	assert_int_equal(row("gold")->limiter, 0);
	assert_int_equal(row("gold")->rate.cost, 0);
	assert_int_equal(row("silver")->limiter, 0);
}

static struct ddos_profile *put_profile(unsigned int as, const char *name, const char *vrf, uint32_t syn_rate)
{
	static struct {
		struct ddos_profile profile;
		uint16_t port[2];
	} made[4];
	struct ddos_profile *profile = &made[as].profile;

	*profile = (struct ddos_profile){.resource = {.kind = RESOURCE_DDOS_PROFILE,
						      .revision = as + 1,
						      .self = fake_name(RESOURCE_DDOS_PROFILE, name)},
					 .vrf = fake_name(RESOURCE_VRF, vrf),
					 .syn_rate = syn_rate,
					 .amplification_rate = 5,
					 .count = 2};
	profile->port[0] = 53;
	profile->port[1] = 123;
	fake_put(&snapshot, &profile->resource);
	return profile;
}

static uint8_t features(const char *vrf)
{
	return fake->bank->vrfs[fake_id(RESOURCE_VRF, vrf)].features;
}

/* The row is the VRF's, which may change; two profiles may exchange theirs. */
static void profiles(void **state)
{
	const struct dp_ddos none = {0}, *red, *blue;

	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("blue", NULL));
	red = &fake->bank->ddos_profiles[fake_id(RESOURCE_VRF, "red")];
	blue = &fake->bank->ddos_profiles[fake_id(RESOURCE_VRF, "blue")];
	put_profile(0, "one", "red", 1000);
	run_well();
	assert_int_equal(red->syn.cost >> DP_LIMITER_PACKETS, MILLISECOND);
	assert_int_equal(red->syn.burst, 100 * MILLISECOND);
	assert_int_equal(red->amplification.burst, 200 * MILLISECOND); /* one packet */
	assert_int_equal(red->port[1], 123);
	assert_int_equal(red->filter, dp_ddos_bit(53) | dp_ddos_bit(123));
	assert_int_equal(features("red"), DP_FEATURE_DDOS);
	assert_int_equal(features("blue"), 0);
	put_profile(1, "one", "blue", 0);
	put_profile(2, "two", "red", 10);
	run_well();
	assert_int_equal(blue->syn.cost, 0);
	assert_int_equal(red->syn.cost >> DP_LIMITER_PACKETS, 100 * MILLISECOND);
	assert_int_equal(features("red") & features("blue"), DP_FEATURE_DDOS);
	fake_remove(&snapshot, RESOURCE_DDOS_PROFILE, "two");
	run_well();
	assert_memory_equal(red, &none, sizeof(none));
	assert_int_equal(features("red"), 0);
	assert_int_equal(features("blue"), DP_FEATURE_DDOS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test_setup_teardown(rows, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_limiter_changes, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(profiles, fake_run_setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

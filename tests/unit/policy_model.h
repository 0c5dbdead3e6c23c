/* SPDX-License-Identifier: Apache-2.0 */
/* Rules in a list, gone through one by one: what the policy engine is compared with. And random ones, and packets. */
#ifndef SLUICE_TESTS_POLICY_MODEL_H
#define SLUICE_TESTS_POLICY_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vnf/dataplane/policy/find.h"
#include "tests/unit/internet.h"
#include "vnf/dataplane/policy/policy.h"

#define MODEL_VRFS    3
#define MODEL_SETS    12
#define MODEL_MEMBERS 64

struct model_rule {
	uint16_t vrf; /* 0: there is none */
	struct policy_pattern pattern;
	struct dp_policy_rule rule;
	struct dp_policy_guard guard;
	bool guarded;
};

struct model {
	struct model_rule *rule; /* by id */
	uint32_t rules;		 /* the highest id */
	struct model_set {
		struct ip_prefix member[MODEL_MEMBERS];
		uint32_t count;
	} set[MODEL_VRFS + 1][MODEL_SETS + 1];
};

struct policy_bench {
	struct dp_limits limits;
	struct bank *bank;
	struct policy *policy;
	struct model model;
	uint64_t random;
};

void policy_bench_start(struct policy_bench *bench, uint32_t rules);
void policy_bench_stop(struct policy_bench *bench);

/* What a packet finds, by the functions that it uses. */
void policy_look_up(const struct bank *bank, const struct dp_limits *limits, const struct policy_query *query,
		    struct policy_found *found);
/* How many tuples it looks into for that, at most. */
uint32_t policy_probes(const struct bank *bank, const struct dp_limits *limits, const struct policy_query *query);
/* What it should find. */
void model_look_up(const struct model *model, const struct policy_query *query, struct policy_found *found);
void assert_same_found(const struct policy_bench *bench, const struct policy_query *query);

/* Dense: values nest, overlap and are met again. */
struct ip_prefix policy_some_prefix(uint64_t *random);
void policy_some_rule(uint64_t *random, uint32_t id, struct model_rule *rule);
/* A packet of the VRF, mostly at an edge of what some rule asks. */
struct policy_query policy_some_query(struct policy_bench *bench, uint16_t vrf);

/* One random change of both; the engine's status. */
int policy_random_change(struct policy_bench *bench);

/* The rule into both, or the engine's error. */
int policy_bench_set(struct policy_bench *bench, const struct model_rule *rule);

#endif

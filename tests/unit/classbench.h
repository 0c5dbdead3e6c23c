/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and packets of ClassBench's files, gzipped: to test and measure with what others use. */
#ifndef SLUICE_TESTS_CLASSBENCH_H
#define SLUICE_TESTS_CLASSBENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/policy_find.h"
#include "vnf/dataplane/policy/policy.h"

/* IPv4, host order. */
struct classbench_rule {
	uint32_t address[2], mask[2]; /* source, destination */
	uint16_t first[2], last[2];   /* ports */
	uint8_t length[2];
	uint8_t protocol, protocol_mask; /* mask 0 or 0xff */
};

struct classbench_key {
	uint32_t address[2];
	uint16_t port[2];
	uint8_t protocol;
};

struct classbench {
	struct classbench_rule *rule; /* the first that matches counts */
	struct classbench_key *key;
	uint32_t rules, keys;
};

/* "acl1" or "fw1". false: the files are not there, or are none. */
bool classbench_load(struct classbench *classbench, const char *name);
void classbench_free(struct classbench *classbench);

/* Number of the first rule from 1 on; 0: none. `off` may say by index that a rule is out; NULL: all are in. */
uint32_t classbench_first(const struct classbench *classbench, const struct classbench_key *key, const bool *off);

/* As the engine has it: rule `index` with the id index + 1, its order. */
void classbench_pattern(const struct classbench_rule *rule, struct policy_pattern *pattern);
int classbench_set(struct policy *policy, uint16_t vrf, const struct classbench *classbench, uint32_t index);
void classbench_query(const struct classbench_key *key, uint16_t vrf, struct policy_query *query);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the policy share: rules as they are written down, in the order of their ids. */
#ifndef SLUICE_TESTS_BPF_ROUTER_POLICY_H
#define SLUICE_TESTS_BPF_ROUTER_POLICY_H

#include "tests/bpf/router/answer.h"
#include "vnf/dataplane/policy/policy.h"

enum { UDP = 17, ANY_PORT = 0xffff };
#define TENANT	TO_ROUTER
#define CHAINED TO_ROUTER, .vlan = PORT_VLAN(PORT_CHAINED)

/* What is left out matches everything. */
struct rule_spec {
	uint32_t id;
	enum dp_policy_action action;
	enum dp_policy_category category; /* of ALLOW, DENY and REJECT; the others have their own */
	uint8_t flags;
	uint32_t target;
	const char *source, *destination; /* prefixes */
	uint8_t protocol;
	uint16_t source_port, port; /* of the source, and of the destination; of ICMP type << 8 | code */
	uint16_t last;		    /* 0: `port` alone */
	bool any_code;		    /* of ICMP */
	struct dp_policy_guard guard;
};

/* Both VRFs with hosts get a policy without rules, and addresses to answer from; and lose all of it. */
int policy_set_up(void **state);
int policy_tear_down(void **state);

void policy_add(uint16_t vrf, const struct rule_spec *rule);
void policy_drop(uint16_t vrf, uint32_t id);
uint64_t policy_counted(uint32_t id); /* packets */

/* What becomes of the packet, which must be `reason`, and count for exactly the rules of this list, which 0 ends. */
struct outcome policy_meets(const char *name, const struct frame *in, enum dp_reason reason, const uint32_t *rules);

int policy_facts_tests(void);
int policy_reject_tests(void);
int policy_connection_tests(void);

#endif

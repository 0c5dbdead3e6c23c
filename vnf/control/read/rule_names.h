/* SPDX-License-Identifier: Apache-2.0 */
/* The names of VRFs, rules, members and listeners, by the ids that connections remember. */
#ifndef SLUICE_CONTROL_RULE_NAMES_H
#define SLUICE_CONTROL_RULE_NAMES_H

#include <stdint.h>

#include "vnf/control/state/history.h"

struct dp_limits;

struct rule_names {
	const char **vrf, **rule, **member, **listener; /* by id, of the snapshot; NULL: nothing has it */
	uint32_t vrfs, rules, members, listeners;	/* the highest ids */
};

/* While the snapshot is pinned. 0 or -ENOMEM. */
int rule_names_init(struct rule_names *names, const struct snapshot *snapshot, const struct dp_limits *limits);
void rule_names_clear(struct rule_names *names);

/* "": it has gone. */
const char *vrf_name(const struct rule_names *names, uint32_t id);
/* Likewise, of a member of a pool, and of a listener. */
const char *member_name(const struct rule_names *names, uint32_t id);
const char *listener_name(const struct rule_names *names, uint32_t id);
/* The id as a number, where no rule has it any more; "": 0. */
const char *rule_name(const struct rule_names *names, uint32_t id, char number[16]);

/* Of a rule by its name; 0: there is none. */
uint32_t rule_id(const struct snapshot *snapshot, const char *name);

#endif

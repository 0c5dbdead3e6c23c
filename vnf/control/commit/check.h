/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that hold between resources, checked on the state that the changes would lead to. The cost follows the
 * changes; where a rule needs more, the tables it walks are small (no walk over routes but to word an error). */
#ifndef SLUICE_CONTROL_CHECK_H
#define SLUICE_CONTROL_CHECK_H

#include <stdbool.h>

#include "vnf/control/kinds/unique_keys.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/core/error.h"

struct snapshot;
struct candidate;

#define FAMILY_IPV4 1
#define FAMILY_IPV6 2

struct check {
	struct candidate *candidate;
	const struct snapshot *next;
	struct unique_keys *unique_keys;
	struct error *error;
	size_t change;		 /* index of the change that is being checked */
	enum resource_kind kind; /* and its kind */
	uint8_t *families;	 /* by group id, 0xff: not known yet; allocated when first needed */
	/* What the differences call for once at the end. */
	bool endpoints_changed, bindings_lost, next_hop_family_changed, classifiers_changed;
};

/* Adds a fault at the change's resource; "field", "field[index]" (index >= 0) or "field[index].member". */
void check_fault(struct check *check, enum error_code code, const char *field, long index, const char *member,
		 const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Address families of the gateways among a group's members: FAMILY_*. */
uint8_t check_group_families(struct check *check, const struct handle *group);
uint8_t check_next_hop_families(const struct handle *next_hop);

/* Checks the candidate's result. 0, or -1 with the faults in *error. Ids are allocated, handles and unique keys are the
 * result's.
 */
int check_candidate(struct candidate *candidate, struct error *error);

#endif

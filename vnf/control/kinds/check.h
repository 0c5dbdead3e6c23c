/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the rules between resources on the state that the changes would lead to. The cost follows the changes; where a
 * rule needs more, the tables that it walks are small (only the wording of an error walks over routes). */
#ifndef SLUICE_CONTROL_CHECK_H
#define SLUICE_CONTROL_CHECK_H

#include <stdbool.h>

#include "vnf/control/kinds/unique_keys.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/core/error.h"

struct snapshot;
struct candidate;
struct dp_limits;

#define CHECK_RULES 16 /* of all kinds that are checked at the end */

struct check {
	struct candidate *candidate;
	const struct snapshot *next;
	struct unique_keys *unique_keys;
	const char *management; /* the device that no interface may have; "": none */
	struct error *error;
	size_t change;		      /* index of the change that is being checked */
	enum resource_kind kind;      /* and its kind */
	void *memory[RESOURCE_KINDS]; /* check_memory */
	void (*rule[CHECK_RULES])(struct check *check);
	size_t rules;
};

/* Reports a fault at the change's resource; "field", "field[index]" (index >= 0) or "field[index].member". */
void check_fault(struct check *check, enum error_code code, const char *field, long index, const char *member,
		 const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Has the rule checked once when every difference has been, if there is no fault then: all references have their
 * resources. It may walk over a table of some thousand resources. */
void check_at_end(struct check *check, void (*rule)(struct check *check));

/* How many resources the changes make, change or delete. Where more hold a key than these, one held it before. */
size_t check_differences(const struct check *check);

const struct dp_limits *check_router_limits(const struct check *check);

/* For rules: visits the resources of a kind in the result, until visit returns false. */
void check_walk(struct check *check, enum resource_kind kind, bool (*visit)(void *object, void *context),
		void *context);
/* Visits what the differences lead to; faults are then reported at the change that was visited last. */
void check_changes(struct check *check, void (*visit)(const struct resource *after, void *context), void *context);
/* Is the resource one that the changes made? */
bool check_is_new(const struct check *check, const struct resource *resource);
/* Has faults reported at the change that made the resource; false: it is older. */
bool check_attribute(struct check *check, const struct resource *resource);

/* Memory of a kind's own for the time of the check, zeros at first; NULL: none is left. */
void *check_memory(struct check *check, enum resource_kind kind, size_t size);

/* Checks the candidate's result. 0, or -1 with the faults in *error. Ids are allocated, handles and unique keys are the
 * result's.
 */
int check_candidate(struct candidate *candidate, struct error *error);

#endif

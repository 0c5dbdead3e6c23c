/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of a table are to be brought up to date, each once. Internal to tables.c. */
#ifndef SLUICE_RECONCILE_MARKS_H
#define SLUICE_RECONCILE_MARKS_H

#include <stddef.h>
#include <stdint.h>

struct marks {
	uint64_t *bit; /* by id */
	size_t words;
	uint32_t *id; /* in the order of marking */
	size_t count, capacity;
};

int marks_add(struct marks *marks, uint32_t id); /* 0, also for one that is marked; or -ENOMEM */
void marks_clear(struct marks *marks);		 /* of all */
void marks_free(struct marks *marks);		 /* frees what it points to */

#endif

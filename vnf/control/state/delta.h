/* SPDX-License-Identifier: Apache-2.0 */
/* The differences between two revisions. */
#ifndef SLUICE_CONTROL_DELTA_H
#define SLUICE_CONTROL_DELTA_H

#include <stddef.h>

struct resource;

/* One of them; before or after may be NULL. */
struct delta_entry {
	const struct resource *before, *after;
};

struct delta {
	size_t count;
	struct delta_entry *entry;
};

#endif

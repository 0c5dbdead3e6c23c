/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/shown_drains.h"

#include <stdatomic.h>
#include <stdlib.h>

struct shown_drains {
	uint32_t end;
	_Atomic uint64_t since[];
};

struct shown_drains *shown_drains_new(uint32_t members)
{
	struct shown_drains *drains = calloc(1, sizeof(*drains) + (members + 1UL) * sizeof(drains->since[0]));

	if (drains)
		drains->end = members + 1;
	return drains;
}

void shown_drains_free(struct shown_drains *drains)
{
	free(drains);
}

void shown_drain_set(struct shown_drains *drains, uint32_t member, uint64_t generation)
{
	if (member < drains->end)
		atomic_store_explicit(&drains->since[member], generation, memory_order_relaxed);
}

uint64_t shown_drain_read(const struct shown_drains *drains, uint32_t member)
{
	return member < drains->end ? atomic_load_explicit(&drains->since[member], memory_order_relaxed) : 0;
}

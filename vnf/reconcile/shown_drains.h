/* SPDX-License-Identifier: Apache-2.0 */
/* Since when members of pools take no new flows: the control thread says it once packets meet it, any thread reads it.
 */
#ifndef SLUICE_RECONCILE_SHOWN_DRAINS_H
#define SLUICE_RECONCILE_SHOWN_DRAINS_H

#include <stdint.h>

struct shown_drains;

struct shown_drains *shown_drains_new(uint32_t members); /* ids up to `members`; NULL: out of memory */
void shown_drains_free(struct shown_drains *drains);	 /* NULL is fine */

/* The first generation in which the member takes none; 0: it takes them. */
void shown_drain_set(struct shown_drains *drains, uint32_t member, uint64_t generation);
uint64_t shown_drain_read(const struct shown_drains *drains, uint32_t member); /* any thread; 0 of an id beyond */

#endif

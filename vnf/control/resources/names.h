/* SPDX-License-Identifier: Apache-2.0 */
/* The table of names: one struct name a kind and text, for as long as something refers to it; and the ids of the kinds.
 * Control thread only. */
#ifndef SLUICE_CONTROL_NAMES_H
#define SLUICE_CONTROL_NAMES_H

#include "vnf/control/resources/resource.h"

#define NAME_OWNER ((enum resource_kind)0) /* owners are names too */

struct names;

struct names *names_new(uint32_t max_routes); /* NULL: out of memory */
void names_free(struct names *names);	      /* with the names that are left; NULL is fine */

/* Returns a reference; NULL: out of memory. */
struct name *names_get(struct names *names, enum resource_kind kind, const char *text);
void names_put(struct names *names, struct name *name); /* gives one back; NULL is fine */
struct name *names_find(const struct names *names, enum resource_kind kind, const char *text); /* borrowed, or NULL */

uint32_t names_maximum(const struct names *names, enum resource_kind kind); /* ids of a kind */
uint32_t names_take_id(struct names *names, enum resource_kind kind);	    /* 0: all are taken */
void names_give_id(struct names *names, enum resource_kind kind, uint32_t id);

#endif

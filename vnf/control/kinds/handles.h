/* SPDX-License-Identifier: Apache-2.0 */
/* The table of names: one struct handle a kind and text, for as long as something refers to it; and the ids of the
 * kinds. Control thread only. */
#ifndef SLUICE_CONTROL_HANDLES_H
#define SLUICE_CONTROL_HANDLES_H

#include "vnf/control/kinds/resource.h"

#define HANDLE_OWNER ((enum resource_kind)0) /* owners are names too */

struct handles;

struct dp_limits;

/* With ids up to the limits, which are copied. NULL: out of memory. */
struct handles *handles_new(const struct dp_limits *limits);
const struct dp_limits *handles_limits(const struct handles *handles);
void handles_free(struct handles *handles); /* with the names that are left; NULL is fine */

/* Returns a reference; NULL: out of memory. */
struct handle *handles_get(struct handles *handles, enum resource_kind kind, const char *text);
void handles_put(struct handles *handles, struct handle *handle); /* gives one back; NULL is fine */
struct handle *handles_find(const struct handles *handles, enum resource_kind kind,
			    const char *text); /* borrowed, or NULL */

uint32_t handles_maximum(const struct handles *handles, enum resource_kind kind); /* ids of a kind */
uint32_t handles_take_id(struct handles *handles, enum resource_kind kind);	  /* 0: all are taken */
/* The id, or 0: it is taken, or no id at all. */
uint32_t handles_take_this_id(struct handles *handles, enum resource_kind kind, uint32_t id);
void handles_give_id(struct handles *handles, enum resource_kind kind, uint32_t id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Small numbers for resources: indices into the dataplane's tables, lowest first so that those stay dense. */
#ifndef SLUICE_CONTROL_IDS_H
#define SLUICE_CONTROL_IDS_H

#include <stdint.h>

struct ids {
	uint32_t maximum; /* ids run from 1 to this */
	uint32_t used;
	uint32_t hint;	/* no word before this one has a free id */
	uint64_t *word; /* bit per id: taken */
};

int ids_init(struct ids *ids, uint32_t maximum); /* 0 or -ENOMEM */
void ids_clear(struct ids *ids);

uint32_t ids_take(struct ids *ids);		      /* the lowest free id; 0: none */
uint32_t ids_take_this(struct ids *ids, uint32_t id); /* the id, or 0: it is not free, or none of them */
void ids_give(struct ids *ids, uint32_t id);

#endif

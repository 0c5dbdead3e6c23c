/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next revision while it is being built aside: a list of changes is applied to the newest snapshot, names, claims
 * and ids are brought to the result, and everything can be taken back without fail. Control thread only, one at a time.
 */
#ifndef SLUICE_CONTROL_DRAFT_H
#define SLUICE_CONTROL_DRAFT_H

#include <stdint.h>

#include "vnf/control/commit/changes.h"
#include "vnf/control/resources/claims.h"
#include "vnf/control/state/history.h"

/* What drafts start from. */
struct draft_base {
	struct history *history;
	struct names *names;
	struct claims *claims;
	uint64_t *stamp;	/* of the last edit */
	const char *management; /* the device that no interface may have; "": none */
};

/* Entry of the delta + 1 (0: empty) in a hash of keys. What is looked for rarely has another's tag, so a look-up seldom
 * touches resources that it does not want. */
struct draft_slot {
	uint32_t entry;
	uint32_t tag; /* bits of the hash that do not choose the slot */
};

struct draft {
	struct draft_base base;
	struct changes *changes; /* borrowed; their outcomes are filled in */
	struct snapshot *next;	 /* NULL: the changes change nothing */
	struct pmap_edit edit;
	struct delta delta;
	uint32_t *change_of;	 /* by entry of the delta: the change that decided it */
	struct draft_slot *slot; /* until it is checked */
	size_t mask;
	bool reserved; /* claims of the result have entries */
	bool entered;  /* names and claims are the result's */
	size_t ids;    /* entries whose ids were looked after */
};

/* 0 with the draft checked, or -1 with the faults and nothing left to do. */
int draft_begin(struct draft *draft, const struct draft_base *base, struct changes *changes, struct error *error);
/* Back to the newest snapshot. */
void draft_abort(struct draft *draft);
/* Publishes it. The changes' resources that are part of it are taken out of the list. */
void draft_publish(struct draft *draft);

/* Index of the change that made this resource of the draft; SIZE_MAX: none, it is older. */
size_t draft_change_of(const struct draft *draft, const struct resource *resource);

#endif

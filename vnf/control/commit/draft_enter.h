/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing names, claims and ids to a draft's result, and back. */
#ifndef SLUICE_CONTROL_DRAFT_ENTER_H
#define SLUICE_CONTROL_DRAFT_ENTER_H

#include "vnf/control/commit/draft.h"

/* 0, or -1 with faults: a table is full, a claim is taken, no memory. Take it back with draft_leave. */
int draft_enter(struct draft *draft, struct error *error);
/* However far draft_enter came. */
void draft_leave(struct draft *draft);
/* The draft is not taken back any more: claims that it has given up are free. */
void draft_release(struct draft *draft);

#endif

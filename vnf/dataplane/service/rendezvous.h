/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighted rendezvous hashing (Thaler, Ravishankar 1998): each row goes to the member that bids most for it, and by its
 * bids alone, so that one that leaves, or loses weight, moves only rows of its own. Shares follow the weights as chance
 * has it: to some percent.
 */
#ifndef SLUICE_DATAPLANE_RENDEZVOUS_H
#define SLUICE_DATAPLANE_RENDEZVOUS_H

#include "vnf/dataplane/service/share_members.h"

/* As maglev_fill. */
int rendezvous_fill(const struct share_member *member, size_t count, uint64_t *word, uint32_t rows);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many connections members have. Packets count them up and down (struct dp_member_load), but do not see all that
 * become none: an entry makes room for another one. So each sweep counts them, too. What comes and goes while it is
 * under way may be in its number or not, so the load is corrected by what is wrong whichever it is: exactly, where
 * nothing does.
 */
#ifndef SLUICE_DATAPLANE_MEMBER_COUNTS_H
#define SLUICE_DATAPLANE_MEMBER_COUNTS_H

#include "vnf/dataplane/connections/connections.h"

struct member_counts;

struct member_counts *member_counts_new(uint32_t members); /* ids below `members`; NULL: out of memory */
void member_counts_free(struct member_counts *counts);	   /* NULL is fine */

/* A sweep begins, has seen a connection of the member, and ends. */
void member_counts_begin(struct member_counts *counts, const struct connection_tables *tables);
void member_counts_add(struct member_counts *counts, uint32_t member);
void member_counts_end(struct member_counts *counts, const struct connection_tables *tables);

/* Adds to the member's connections, which do not fall below 0. */
void member_load_add(const struct connection_tables *tables, uint32_t member, int64_t connections);

#endif

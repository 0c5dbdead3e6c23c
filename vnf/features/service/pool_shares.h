/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a pool take new flows, and the table that shares these among them. */
#ifndef SLUICE_FEATURES_SERVICE_POOL_SHARES_H
#define SLUICE_FEATURES_SERVICE_POOL_SHARES_H

#include "vnf/dataplane/service/share_members.h"
#include "vnf/features/service/service.h"
#include "vnf/reconcile/table.h"

#define POOL_MEMBERS_MOST 2048 /* so that each has 30 rows, and tables are made in less than a second */

struct pool_shares {
	struct share_member *member; /* those that take flows, sorted */
	size_t count;
	uint32_t rows;	 /* of the table; 0: nobody takes flows */
	uint64_t digest; /* of all that the table is made of; not 0 */
};

/* 0 or -errno with the error filled (but for -ENOMEM); then there is nothing to free. */
int pool_shares_collect(struct tables *tables, const struct pool *pool, struct pool_shares *shares);
void pool_shares_free(struct pool_shares *shares); /* frees what it points to */

/* The table, and the list of members' ids that it refers to: words as in api/dp/service.h. 0 or -ENOMEM. */
uint32_t pool_shares_list_words(const struct pool_shares *shares);
int pool_shares_table(const struct pool_shares *shares, const struct pool *pool, uint64_t *word);
void pool_shares_list(const struct pool_shares *shares, uint64_t *word);

#endif

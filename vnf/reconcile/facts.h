/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes outside of the resources and is read by tables. A provider (netlink, paths.h, health.h) pushes a fact
 * whenever something became different from what it said before; tables say which kinds they read. Control thread.
 */
#ifndef SLUICE_RECONCILE_FACTS_H
#define SLUICE_RECONCILE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

enum fact_kind { FACT_LINK, FACT_ADDRESS, FACT_NEIGHBOUR, FACT_PATH, FACT_HEALTH, FACT_TIME, FACT_HEARD };

struct fact {
	enum fact_kind kind;
	uint32_t ifindex;  /* of a path: the tunnel's id; of a time: the row's; of health: that of the resource, */
	uint32_t resource; /* whose enum resource_kind this is */
	uint32_t table;	   /* of a time that has come (tables_wake): enum table_id */
	struct ip_address address; /* the neighbour's, or of who was heard */
};

/* Those that the tables have not been brought up to. */
struct facts {
	struct fact *fact;
	size_t count, capacity;
	bool lost; /* there was no memory for some: anything may have changed */
};

void facts_push(struct facts *facts, const struct fact *fact);
static inline bool facts_pending(const struct facts *facts)
{
	return facts->count || facts->lost;
}
void facts_clear(struct facts *facts);
void facts_free(struct facts *facts); /* frees what it points to */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Ages connections all the time, a slice of the tables after the other, on the loop's thread. */
#ifndef SLUICE_DATAPLANE_SWEEPER_H
#define SLUICE_DATAPLANE_SWEEPER_H

#include "vnf/dataplane/connections/connections.h"

struct loop;
struct sweeper;

/* `how` gives the rows that are in force. NULL: out of memory. */
struct sweeper *sweeper_new(struct loop *loop, const struct connection_tables *tables,
			    struct conntracks (*how)(void *context), void *context);
void sweeper_free(struct sweeper *sweeper); /* NULL is fine; before the loop */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_READ_CONNECTIONS_H
#define SLUICE_CONTROL_READ_CONNECTIONS_H

#include "sluice/v1/connection_service.pb-c.h"
#include "vnf/control/read/reader.h"
#include "vnf/dataplane/connections/connections.h"

int read_connections(struct reader *reader, const Sluice__V1__ListConnectionsRequest *request,
		     Sluice__V1__ListConnectionsResponse *response, struct error *error);

/* The filter of a request, NULL: of all connections, with names as the snapshot has them. 0, or -1 with *error, whose
 * fields begin with "filter.". */
int connections_filter(const Sluice__V1__ConnectionFilter *from, const struct snapshot *snapshot,
		       struct connection_filter *filter, struct error *error);

/* Forgets those that the filter selects. 0 and *deleted, or -1 and *error. */
int connections_delete(const struct reader *reader, const struct connection_filter *filter, uint64_t *deleted,
		       struct error *error);

/* Of an enum dp_connection_state, as in the API; "": it has none. */
const char *connection_state_name(unsigned int state);

#endif

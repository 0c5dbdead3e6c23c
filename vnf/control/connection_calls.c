/* SPDX-License-Identifier: Apache-2.0 */
/* ListConnections, DeleteConnections. */
#include "vnf/access/access.h"
#include "vnf/control/control_state.h"
#include "vnf/control/read/connections.h"

int control_connections(struct control *control, const Sluice__V1__ListConnectionsRequest *request,
			Sluice__V1__ListConnectionsResponse *response, struct error *error)
{
	return read_connections(&control->reader, request, response, error);
}

/* A connection has no owner: who may write to its VRF as the VRF's owner may forget it. */
static int check_permission(const struct snapshot *snapshot, const Sluice__V1__ConnectionFilter *filter,
			    const struct connection_filter *parsed, struct error *error)
{
	struct access_caller *caller = access_current();
	const struct resource *vrf = filter && *filter->vrf ? snapshot_find(snapshot, RESOURCE_VRF, filter->vrf) : NULL;
	struct access_change change = {.vrfs = 1};

	if (!access_is_scoped(caller))
		return 0;
	if (!vrf) {
		error_add(error, ERROR_PERMISSION_DENIED, "filter.vrf",
			  "only an admin may delete connections of all VRFs: name one");
		return -1;
	}
	change.owner = vrf->owner->text;
	change.vrf[0] = vrf->self->text;
	change.prefix = parsed->prefix.address.family ? &parsed->prefix : NULL;
	return access_check_change(caller, &change, "filter", error);
}

static bool is_empty(const Sluice__V1__ConnectionFilter *filter)
{
	return !filter || (!*filter->vrf && !*filter->prefix && !filter->protocol && !filter->port && !*filter->rule &&
			   !*filter->member && !*filter->listener && !*filter->load_balancer);
}

int control_delete_connections(struct control *control, const Sluice__V1__DeleteConnectionsRequest *request,
			       Sluice__V1__DeleteConnectionsResponse *response, struct error *error)
{
	const struct snapshot *snapshot;
	struct connection_filter filter;
	int result;

	if (is_empty(request->filter) && !request->all) {
		error_add(error, ERROR_INVALID_ARGUMENT, "filter",
			  "selects every connection: set `all` if that is meant");
		return -1;
	}
	if (!is_empty(request->filter) && request->all) {
		error_add(error, ERROR_INVALID_ARGUMENT, "all", "does not go with a filter: leave one of them out");
		return -1;
	}
	snapshot = history_pin(control->reader.history);
	result = connections_filter(request->filter, snapshot, &filter, error);
	if (!result)
		result = check_permission(snapshot, request->filter, &filter, error);
	snapshot_unpin(snapshot);
	return result ? result : connections_delete(&control->reader, &filter, &response->deleted, error);
}

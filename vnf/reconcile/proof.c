/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/proof.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/key.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/log.h"
#include "vnf/dataplane/dataplane.h"

#define REMEDY "no port is touched: please report it; the version before may start with this journal"

static int refuse(struct error *error, const char *what, const char *where)
{
	error_add(error, ERROR_INTERNAL, NULL, "what was compiled of the journal does not prove: %s %s; " REMEDY, what,
		  where);
	return -EBADMSG;
}

/* What engines write may differ in where things are. */
static int compare_tables(struct dataplane *dataplane, struct error *error)
{
	const struct bank *bank[] = {dataplane_bank(dataplane, 0), dataplane_bank(dataplane, 1)};

	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++) {
		size_t size = bank_row_size(table) * bank_rows(dataplane_limits(dataplane), table);

		if (bank_table_is_engines(table))
			continue;
		if (memcmp(bank_table(bank[0], table), bank_table(bank[1], table), size) != 0)
			return refuse(error, "the banks differ in the table", bank_table_name(table));
	}
	return 0;
}

static int compare_routes(struct fib *const fib[2], const struct delta *delta, struct error *error)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *route = delta->entry[i].after;
		const struct vrf_key *key;
		struct dp_fib_leaf leaf[2] = {{0}};
		bool found[2];

		if (!route || !kind_ops(route->kind)->forwards)
			continue;
		key = resource_vrf_key(route);
		for (int bank = 0; bank < 2; bank++)
			found[bank] = fib_get(fib[bank], (uint16_t)key->vrf->id, &key->prefix, &leaf[bank]);
		if (found[0] != found[1] || leaf[0].group != leaf[1].group || leaf[0].route != leaf[1].route)
			return refuse(error, "the banks differ in a route of VRF", key->vrf->text);
		/* One that yields to a less specific one may be left out. */
		if (!found[0] && !resource_yields(route))
			return refuse(error, "the banks miss a route of VRF", key->vrf->text);
	}
	return 0;
}

/* A frame that cannot be sent proves nothing either way: the device went meanwhile, and is heard of, or the kernel
 * lacks memory. */
static int try_port(struct dataplane *dataplane, const struct dp_port *port, struct error *error)
{
	int status = dataplane_try_port(dataplane, port);
	char device[16];

	if (status == -EBADMSG) {
		snprintf(device, sizeof(device), "%u", port->ifindex);
		return refuse(error, "the program does not know the port with ifindex", device);
	}
	if (status && status != -ENODEV)
		log_warning("ifindex %u: taken up without a frame to prove it: %s", port->ifindex, strerror(-status));
	return 0;
}

static int try_ports(struct dataplane *dataplane, struct error *error)
{
	const struct dp_port *port = dataplane_bank(dataplane, !dataplane_idle_index(dataplane))->ports;
	uint32_t rows = bank_rows(dataplane_limits(dataplane), DP_TABLE_ports);
	int result = 0;

	for (uint32_t i = 0; i < rows && !result; i++)
		if (port[i].ifindex && !port[i].vlan_id && !port[i].from_stage)
			result = try_port(dataplane, &port[i], error);
	return result;
}

int proof_of_state(struct dataplane *dataplane, struct fib *const fib[2], const struct delta *delta,
		   struct error *error)
{
	int result = compare_tables(dataplane, error);

	if (!result)
		result = compare_routes(fib, delta, error);
	return result ? result : try_ports(dataplane, error);
}

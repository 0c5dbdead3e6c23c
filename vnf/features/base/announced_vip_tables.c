/* SPDX-License-Identifier: Apache-2.0 */
/* announced_vips: the VIPs of load balancers are announced on the ports of their VRFs when they are new. It has no rows
 * in a bank. */
#include "vnf/features/base/announcements.h"

/* Without holes: compared as bytes. */
struct announced_vip {
	struct dp_address vip;
	uint64_t vrf;
};

static void open(void *state)
{
	*(struct id_array *)state = id_array_of(sizeof(struct announced_vip)); /* by load balancer */
}

static void close(void *state)
{
	id_array_free(state);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct dp_load_balancer *balancer =
		bank_writer_row(tables_writer(tables), DP_TABLE_load_balancers, row->id);
	const struct announced_vip announced = {.vip = balancer->vip, .vrf = balancer->vrf};
	struct ip_address vip;

	if (!id_array_set(tables_state(tables, TABLE_announced_vips), tables_log(tables), row->id, &announced) ||
	    !balancer->vrf)
		return 0;
	ip_address_unmap(balancer->vip.byte, &vip);
	return announce_on_ports(tables, tables_resource(tables, RESOURCE_VRF, balancer->vrf), &vip);
}

extern const struct table announced_vips_table;
const struct table announced_vips_table = {
	.name = "announced_vips",
	.kind = RESOURCE_LOAD_BALANCER,
	.state_size = sizeof(struct id_array),
	.open = open,
	.close = close,
	.row = row,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* conntracks[]: how a VRF's connections are followed; zeros where it has no profile. */
#include "api/dp/connection.h"
#include "sluice/v1/qos.pb-c.h"
#include "vnf/features/connection/connection.h"
#include "vnf/reconcile/table.h"

static void mark_vrf(struct tables *tables, const struct resource *profile)
{
	const struct handle *vrf = profile ? ((const struct conntrack_profile *)profile)->vrf : NULL;

	if (vrf && vrf->id)
		tables_mark(tables, TABLE_conntracks, vrf->id);
}

static void follow_profile(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_vrf(tables, before);
	mark_vrf(tables, after);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct conntrack_profile *profile = NULL;
	struct dp_conntrack entry = {0};

	if (row->after)
		profile = (const struct conntrack_profile *)tables_user(tables, RESOURCE_VRF, row->id,
									RESOURCE_CONNTRACK_PROFILE);
	if (profile) {
		entry.established = DP_CONNECTION_TICKS(profile->tcp_established);
		entry.transitory = DP_CONNECTION_TICKS(profile->tcp_transitory);
		entry.udp = DP_CONNECTION_TICKS(profile->udp);
		entry.icmp = DP_CONNECTION_TICKS(profile->icmp);
		entry.pickup = profile->tcp_pickup;
		entry.pass_untracked = profile->on_full == SLUICE__V1__ON_FULL__ON_FULL_PASS_UNTRACKED;
	}
	bank_write(tables_writer(tables), DP_TABLE_conntracks, row->id, &entry);
	return 0;
}

extern const struct table conntracks_table;
const struct table conntracks_table = {
	.name = "conntracks",
	.kind = RESOURCE_VRF,
	.kinds = {{RESOURCE_CONNTRACK_PROFILE, follow_profile}},
	.row = row,
};

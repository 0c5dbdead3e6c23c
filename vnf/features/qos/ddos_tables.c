/* SPDX-License-Identifier: Apache-2.0 */
/* ddos_profiles[]: of each VRF what its profile says, and which VRFs have one. */
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/qos/qos.h"

#define BURST_FRACTION 10 /* a tenth of a second's packets may come at once, or one */

static struct dp_rate times(uint32_t rate)
{
	return rate_times(rate, rate > BURST_FRACTION ? rate / BURST_FRACTION : 1, true);
}

static void clear(struct tables *tables, const struct table_row *row)
{
	const struct ddos_profile *before = (const struct ddos_profile *)row->before;

	if (!before || row->before == row->after)
		return;
	vrf_set_ddos(tables, before->vrf->id, false);
	bank_clear(tables_writer(tables), DP_TABLE_ddos_profiles, before->vrf->id);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct ddos_profile *profile = (const struct ddos_profile *)row->after;
	struct dp_ddos entry = {0};

	if (!profile)
		return 0;
	entry.syn = times(profile->syn_rate);
	entry.amplification = times(profile->amplification_rate);
	for (size_t i = 0; i < profile->count; i++) {
		entry.port[i] = profile->port[i];
		entry.filter |= dp_ddos_bit(profile->port[i]);
	}
	vrf_set_ddos(tables, profile->vrf->id, true);
	bank_write(tables_writer(tables), DP_TABLE_ddos_profiles, profile->vrf->id, &entry);
	return 0;
}

extern const struct table ddos_profiles_table;
const struct table ddos_profiles_table = {
	.name = "ddos_profiles",
	.kind = RESOURCE_DDOS_PROFILE,
	.clear = clear,
	.row = row,
};

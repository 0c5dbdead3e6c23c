/* SPDX-License-Identifier: Apache-2.0 */
/* The VRFs' rows in the policy engine: epoch and Geneve options; and whether a VRF has a policy at all. */
#include <errno.h>

#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/policy/policy_facts.h"

/* Without holes: facts are compared as bytes. */
struct policy_vrf {
	uint32_t rules;
	uint32_t touched; /* 1: by this run */
	uint32_t option[DP_POLICY_OPTIONS], option_users[DP_POLICY_OPTIONS];
	struct policy_vrf_row shown; /* in the engine */
};

struct policy_vrfs {
	struct id_array vrf; /* struct policy_vrf */
};

static void open(void *state)
{
	((struct policy_vrfs *)state)->vrf = id_array_of(sizeof(struct policy_vrf));
}

static void close(void *state)
{
	id_array_free(&((struct policy_vrfs *)state)->vrf);
}

static struct policy_vrf vrf_of(const struct tables *tables, uint32_t id)
{
	return *(const struct policy_vrf *)id_array_get(
		&((struct policy_vrfs *)tables_state(tables, TABLE_policy_vrfs))->vrf, id);
}

static void set_vrf(struct tables *tables, uint32_t id, const struct policy_vrf *vrf)
{
	id_array_set(&((struct policy_vrfs *)tables_state(tables, TABLE_policy_vrfs))->vrf, tables_log(tables), id,
		     vrf);
}

void policy_vrf_count(struct tables *tables, uint16_t id, int step)
{
	struct policy_vrf vrf = vrf_of(tables, id);

	vrf.rules += (uint32_t)step;
	vrf.touched = 1;
	set_vrf(tables, id, &vrf);
	tables_mark(tables, TABLE_policy_vrfs, id);
}

/* A slot keeps its option until it is another's, so that what comes back finds its place. */
int policy_option_take(struct tables *tables, uint16_t id, uint32_t option)
{
	struct policy_vrf vrf = vrf_of(tables, id);
	int unused = -ENOSPC;

	for (int i = 0; i < DP_POLICY_OPTIONS; i++) {
		if (vrf.option[i] == option && (vrf.option_users[i] || option)) {
			unused = i;
			break;
		}
		if (!vrf.option_users[i] && unused < 0)
			unused = i;
	}
	if (unused < 0)
		return unused;
	vrf.option[unused] = option;
	vrf.option_users[unused]++;
	set_vrf(tables, id, &vrf);
	return unused;
}

void policy_option_leave(struct tables *tables, uint16_t id, uint32_t option)
{
	struct policy_vrf vrf = vrf_of(tables, id);

	for (int i = 0; i < DP_POLICY_OPTIONS; i++)
		if (vrf.option_users[i] && vrf.option[i] == option) {
			vrf.option_users[i]--;
			break;
		}
	set_vrf(tables, id, &vrf);
}

static int row(struct tables *tables, struct table_row *row)
{
	struct policy_vrf vrf = vrf_of(tables, row->id);
	struct policy_vrf_change change = {.vrf = (uint16_t)row->id, .before = vrf.shown};

	if (!vrf.touched)
		return 0;
	vrf.touched = 0;
	/* No other rules ever had this epoch: a revision is had once, and by no other state. */
	if (row->after)
		change.after.epoch = (uint32_t)tables_revision(tables);
	for (uint8_t i = 0; i < DP_POLICY_OPTIONS; i++) {
		change.after.option[i] = vrf.option[i];
		if (vrf.option_users[i])
			change.after.options = i + 1;
	}
	vrf.shown = change.after;
	set_vrf(tables, row->id, &vrf);
	vrf_set_policy(tables, row->id, vrf.rules > 0);
	return policy_changes_vrf(tables_policies(tables), &change);
}

static int fill(struct tables *tables)
{
	for (uint32_t id = 1; id < tables_end(tables, RESOURCE_VRF); id++) {
		const struct policy_vrf vrf = vrf_of(tables, id);
		const struct policy_vrf_change change = {.vrf = (uint16_t)id, .after = vrf.shown};

		if (vrf.shown.epoch && policy_changes_vrf(tables_policies(tables), &change))
			return -ENOMEM;
	}
	return 0;
}

const struct table policy_vrfs_table = {
	.name = "policy_vrfs",
	.kind = RESOURCE_VRF,
	.state_size = sizeof(struct policy_vrfs),
	.open = open,
	.close = close,
	.row = row,
	.fill_policy = fill,
};

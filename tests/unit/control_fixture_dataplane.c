/* SPDX-License-Identifier: Apache-2.0 */
/* control_fixture.h's dataplane. */
#include "control_fixture.h"

#include "vnf/dataplane/dataplane.h"
#include "vnf/reconcile/blast_radius.h"
#include "vnf/reconcile/reconciler.h"

int dataplane_program_fd(const struct dataplane *dataplane)
{
	(void)dataplane;
	return -1;
}

const struct dp_limits *dataplane_limits(const struct dataplane *dataplane)
{
	(void)dataplane;
	return &fake_limits;
}

uint64_t dataplane_counters_since(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 1700000000;
}

const struct connection_tables *dataplane_connections(const struct dataplane *dataplane)
{
	static struct dp_connection_set4 set4[256];
	static struct dp_connection_set6 set6[128];
	static struct dp_connection_head head;
	static const struct connection_tables tables = {set4, set6, 256, 128, &head, NULL, 0};

	(void)dataplane;
	return &tables;
}

struct conntracks dataplane_conntracks(const struct dataplane *dataplane)
{
	(void)dataplane;
	return (struct conntracks){0};
}

unsigned int dataplane_idle_index(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 1;
}

uint64_t dataplane_flow_salt(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 7;
}

void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum)
{
	(void)dataplane;
	*sum = fake_program.uncounted ? (struct dp_counter){0} : (struct dp_counter){index, index * 100ULL};
}

void dataplane_reason_counters(const struct dataplane *dataplane, struct dp_counter sum[DP_REASON_COUNT])
{
	for (uint32_t reason = 0; reason < DP_REASON_COUNT; reason++) {
		dataplane_counter(dataplane, DP_COUNTER_REASONS + reason, &sum[reason]);
		sum[reason].packets += fake_program.dropped[reason];
		sum[reason].bytes += fake_program.dropped[reason] * 64;
	}
}

int reconciler_blast_radius(struct reconciler *reconciler, struct blast_radius *radius)
{
	(void)reconciler;
	(void)radius;
	return 0;
}

void blast_radius_free(struct blast_radius *radius)
{
	(void)radius;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* control_fixture.h's dataplane. */
#include "control_fixture.h"

#include "vnf/dataplane/dataplane.h"

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

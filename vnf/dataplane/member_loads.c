/* SPDX-License-Identifier: Apache-2.0 */
/* What packets count of the members of pools. */
#include <errno.h>
#include <sys/mman.h>

#include "vnf/dataplane/internal.h"

static size_t size_of(const struct dataplane *dataplane)
{
	return sizeof(*dataplane->member_loads) * (dataplane->limits.members + 1);
}

int member_loads_map(struct dataplane *dataplane, const struct loaded *loaded)
{
	void *memory = mmap(NULL, size_of(dataplane), PROT_READ | PROT_WRITE, MAP_SHARED,
			    loaded_fd(loaded, "member_loads"), 0);

	if (memory == MAP_FAILED)
		return -errno;
	dataplane->connections.load = dataplane->member_loads = memory;
	dataplane->connections.loads = dataplane->limits.members + 1;
	return 0;
}

void member_loads_unmap(struct dataplane *dataplane)
{
	if (dataplane->member_loads)
		munmap(dataplane->member_loads, size_of(dataplane));
}

struct dp_member_load dataplane_member_load(const struct dataplane *dataplane, uint32_t member)
{
	const struct dp_member_load *load = &dataplane->member_loads[member];
	uint64_t connections;

	if (member > dataplane->limits.members)
		return (struct dp_member_load){0};
	connections = __atomic_load_n(&load->connections, __ATOMIC_RELAXED);
	/* What ends on one CPU may be counted there before another has counted that it began. */
	return (struct dp_member_load){.connections = (int64_t)connections > 0 ? connections : 0,
				       .opened = __atomic_load_n(&load->opened, __ATOMIC_RELAXED)};
}

void dataplane_member_load_reset(struct dataplane *dataplane, uint32_t member)
{
	if (member > dataplane->limits.members)
		return;
	__atomic_store_n(&dataplane->member_loads[member].connections, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&dataplane->member_loads[member].opened, 0, __ATOMIC_RELAXED);
}

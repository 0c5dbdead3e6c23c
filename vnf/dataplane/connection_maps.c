/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "vnf/dataplane/internal.h"

static void *map(const struct loaded *loaded, const char *name, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, loaded_fd(loaded, name), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static size_t size4(const struct connection_tables *tables)
{
	return sizeof(*tables->set4) * tables->sets4;
}

static size_t size6(const struct connection_tables *tables)
{
	return sizeof(*tables->set6) * tables->sets6;
}

int conntrack_map(struct dataplane *dataplane, const struct loaded *loaded)
{
	struct connection_tables *tables = &dataplane->connections;

	tables->sets4 = maps_sets4(&dataplane->limits);
	tables->sets6 = maps_sets6(&dataplane->limits);
	tables->set4 = map(loaded, "connections4", size4(tables));
	if (!tables->set4)
		return -errno;
	tables->set6 = map(loaded, "connections6", size6(tables));
	if (!tables->set6)
		return -errno;
	tables->head = map(loaded, "connection_head", sizeof(*tables->head));
	return tables->head ? 0 : -errno;
}

int conntrack_begin(struct dataplane *dataplane)
{
	const struct connection_tables *tables = &dataplane->connections;

	if (kept_maps_adopted(&dataplane->kept, "connection_head") &&
	    (tables->head->secret[0] | tables->head->secret[1]))
		return 0;
	/* Nobody finds what was put there by another secret. */
	if (kept_maps_adopted(&dataplane->kept, "connections4"))
		memset(tables->set4, 0, size4(tables));
	if (kept_maps_adopted(&dataplane->kept, "connections6"))
		memset(tables->set6, 0, size6(tables));
	if (getrandom(tables->head->secret, sizeof(tables->head->secret), 0) != sizeof(tables->head->secret))
		return -EIO;
	return 0;
}

void conntrack_unmap(struct dataplane *dataplane)
{
	const struct connection_tables *tables = &dataplane->connections;

	sweeper_free(dataplane->sweeper);
	if (tables->head)
		munmap(tables->head, sizeof(*tables->head));
	if (tables->set6)
		munmap(tables->set6, size6(tables));
	if (tables->set4)
		munmap(tables->set4, size4(tables));
}

const struct connection_tables *dataplane_connections(const struct dataplane *dataplane)
{
	return &dataplane->connections;
}

struct conntracks dataplane_conntracks(const struct dataplane *dataplane)
{
	const uint64_t generation = dataplane_generation(dataplane);
	const struct bank *bank = &dataplane->bank[generation & 1];

	return (struct conntracks){.row = bank->conntracks,
				   .count = dataplane->limits.vrfs + 1,
				   .member = bank->members,
				   .pool = bank->pools,
				   .listener = bank->listeners,
				   .members = dataplane->limits.members + 1,
				   .pools = dataplane->limits.pools + 1,
				   .listeners = dataplane->limits.listeners + 1,
				   .balancer = bank->load_balancers,
				   .balancers = dataplane->limits.load_balancers + 1,
				   .port = bank->listener_ports,
				   .ports = bank_rows(&dataplane->limits, DP_TABLE_listener_ports),
				   .generation = generation};
}

static struct conntracks how(void *dataplane)
{
	return dataplane_conntracks(dataplane);
}

int dataplane_sweep_connections(struct dataplane *dataplane, struct loop *loop)
{
	dataplane->sweeper = sweeper_new(loop, &dataplane->connections, how, dataplane);
	return dataplane->sweeper ? 0 : -ENOMEM;
}

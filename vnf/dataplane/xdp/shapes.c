/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/shapes.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/xdp/maps.h"

static int add_shape(struct btf *btf, const char *table, const char *what, uint64_t value)
{
	char name[40];

	snprintf(name, sizeof(name), "DP_SHAPE_%s_%s", table, what);
	return btf__add_enum_value(btf, name, (int64_t)value);
}

static int add_connection_shapes(struct btf *btf, const struct dp_limits *limits)
{
	int status = add_shape(btf, "connections4", "last", maps_sets4(limits) - 1);

	return status < 0 ? status : add_shape(btf, "connections6", "last", maps_sets6(limits) - 1);
}

static int add_service_shapes(struct btf *btf, const struct dp_limits *limits)
{
	uint32_t members = dp_counter_members(limits->routes) - DP_COUNTER_ROUTES;
	uint32_t listeners = dp_counter_listeners(limits->routes, limits->members) - DP_COUNTER_ROUTES;
	int status = add_shape(btf, "counters", "members", members);

	return status < 0 ? status : add_shape(btf, "counters", "listeners", listeners);
}

/* enum dp_shape with the true values, as the types of a kernel. NULL: errno says why. */
static struct btf *shapes_of(const struct dp_limits *limits, uint32_t cpus)
{
	struct btf *btf = btf__new_empty();
	int status = btf ? btf__add_enum(btf, "dp_shape", sizeof(uint32_t)) : -1;

	for (enum dp_table table = 0; table < DP_TABLE_COUNT && status >= 0; table++) {
		status = add_shape(btf, bank_table_name(table), "half", bank_half(limits, table));
		if (status >= 0)
			status = add_shape(btf, bank_table_name(table), "last", bank_rows(limits, table) - 1);
	}
	if (status >= 0)
		status = add_shape(btf, "pending", "last", cpus - 1);
	if (status >= 0)
		status = add_shape(btf, "counters", "last", maps_counters(limits) - 1);
	if (status >= 0)
		status = add_shape(btf, "limiters", "last", limits->rate_limiters);
	if (status >= 0)
		status = add_shape(btf, "limiter_sets", "last", maps_limiter_sets(limits) - 1);
	if (status >= 0)
		status = add_connection_shapes(btf, limits);
	if (status >= 0)
		status = add_service_shapes(btf, limits);
	if (status >= 0)
		status = add_shape(btf, "member_loads", "last", limits->members);
	if (status >= 0)
		return btf;
	btf__free(btf);
	return NULL;
}

int shapes_write(const struct dp_limits *limits, uint32_t cpus)
{
	struct btf *btf = shapes_of(limits, cpus);
	const void *data;
	int fd = -1;
	uint32_t size;

	if (!btf)
		return -errno;
	data = btf__raw_data(btf, &size);
	if (data)
		fd = memfd_create("sluice-shapes", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, data, size) != (ssize_t)size) {
		close(fd);
		fd = -1;
	}
	btf__free(btf);
	return fd >= 0 ? fd : errno ? -errno : -EIO;
}

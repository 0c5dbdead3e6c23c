/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/own_program.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/xdp/maps.h"

const char *own_program_resize;
uint32_t own_program_entries;

static void add_shape(struct btf *btf, const char *table, const char *what, uint64_t value)
{
	char name[40];

	snprintf(name, sizeof(name), "DP_SHAPE_%s_%s", table, what);
	btf__add_enum_value(btf, name, (int64_t)value);
}

/* enum dp_shape with the values that the limits give. Its descriptor, or -errno. */
static int write_shapes(const struct dp_limits *limits, uint32_t cpus)
{
	struct btf *btf = btf__new_empty();
	int fd = memfd_create("shapes", MFD_CLOEXEC);
	const void *data;
	uint32_t size;

	if (!btf || fd < 0 || btf__add_enum(btf, "dp_shape", sizeof(uint32_t)) < 0)
		return -errno;
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++) {
		add_shape(btf, bank_table_name(table), "half", bank_half(limits, table));
		add_shape(btf, bank_table_name(table), "last", bank_rows(limits, table) - 1);
	}
	add_shape(btf, "pending", "last", cpus - 1);
	add_shape(btf, "counters", "last", maps_counters(limits) - 1);
	add_shape(btf, "connections4", "last", maps_sets4(limits) - 1);
	add_shape(btf, "connections6", "last", maps_sets6(limits) - 1);
	add_shape(btf, "member_loads", "last", limits->members);
	add_shape(btf, "counters", "members", dp_counter_members(limits->routes) - DP_COUNTER_ROUTES);
	add_shape(btf, "counters", "listeners",
		  dp_counter_listeners(limits->routes, limits->members) - DP_COUNTER_ROUTES);
	data = btf__raw_data(btf, &size);
	if (!data || write(fd, data, size) != (ssize_t)size)
		return -EIO;
	btf__free(btf);
	return fd;
}

static struct bpf_map *find_map(const struct bpf_object *object, const char *name)
{
	char section[MAPS_NAME + 8];
	struct bpf_map *map;

	snprintf(section, sizeof(section), ".data.%s", name);
	map = bpf_object__find_map_by_name(object, section);
	return map ? map : bpf_object__find_map_by_name(object, name);
}

/* Gives the program tables of their full sizes. 0 or -errno. */
static int give_maps(struct bpf_object *object, const struct dp_limits *limits, uint32_t cpus)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	struct map_size size[MAPS];
	int status = 0;

	maps_sizes(limits, cpus, size);
	for (size_t i = 0; i < MAPS && !status; i++) {
		struct bpf_map *map = find_map(object, size[i].name);
		int fd;

		if (!map)
			continue;
		fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, size[i].name, sizeof(uint32_t), size[i].value_size,
				    size[i].entries, &options);
		if (fd < 0)
			return -errno;
		status = bpf_map__reuse_fd(map, fd);
		close(fd);
	}
	return status;
}

int own_program_load(struct own_program *own, const void *bytes, size_t size, const struct dp_limits *limits)
{
	uint32_t cpus = (uint32_t)libbpf_num_possible_cpus();
	char path[40];
	int shapes, status;

	own->limits = *limits;
	limits_complete(&own->limits);
	shapes = write_shapes(&own->limits, cpus);
	if (shapes < 0)
		return shapes;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shapes);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "own", .btf_custom_path = path);
	own->object = bpf_object__open_mem(bytes, size, &options);
	if (!own->object)
		return -errno;
	status = give_maps(own->object, &own->limits, cpus);
	if (!status && own_program_resize)
		status = bpf_map__set_max_entries(bpf_object__find_map_by_name(own->object, own_program_resize),
						  own_program_entries);
	if (!status)
		status = bpf_object__load(own->object);
	close(shapes);
	return status;
}

void *own_program_map(const struct own_program *own, const char *name)
{
	struct bpf_map *map = find_map(own->object, name);
	void *memory;

	assert_non_null(map);
	memory = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

int own_program_fd(const struct own_program *own, const char *function)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(own->object, function);

	assert_non_null(program);
	return bpf_program__fd(program);
}

uint32_t own_program_run(int fd, const void *frame, size_t length, uint32_t repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = (uint32_t)length,
		    .repeat = (int)repeat);
	int error = bpf_prog_test_run_opts(fd, &options);

	if (error)
		fail_msg("test run: %s", strerror(-error));
	return options.retval;
}

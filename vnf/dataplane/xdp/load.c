/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps are made here rather than by libbpf, since their sizes follow from limits: a table is declared as a variable
 * in a section of its own, of which libbpf 1.1 makes an array map with one element, but it cannot make it larger than
 * the section is. So it is given a map instead.
 */
#include "vnf/dataplane/xdp/load.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answers.skel.h"
#include "router_tc.skel.h"
#include "router_xdp.skel.h"
#include "vnf/core/log.h"
#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/bank/limits.h"

/* The programs, by their functions' names, each in an object of its own; they share their maps. */
static const struct {
	const char *name;
	enum bpf_prog_type type;
	const void *(*object)(size_t *size);
} programs[LOADED_PROGRAMS] = {
	{LOADED_ROUTER, BPF_PROG_TYPE_XDP, router_xdp__elf_bytes},
	{LOADED_TC, BPF_PROG_TYPE_SCHED_CLS, router_tc__elf_bytes},
	{LOADED_ANSWERS, BPF_PROG_TYPE_SCHED_CLS, answers__elf_bytes},
};

/* Adds an object to the list. 0, or -errno: the descriptor was none. */
static int add(struct loaded *loaded, const char *name, int fd)
{
	struct loaded_object *object = &loaded->object[loaded->count];

	if (fd < 0)
		return -errno;
	strncpy(object->name, name, sizeof(object->name) - 1);
	object->fd = fd;
	loaded->count++;
	return 0;
}

/* A table's section is named after it; a map of its own has its name. */
static struct bpf_map *find_map(const struct bpf_object *object, const char *name)
{
	char section[MAPS_NAME + 8];
	struct bpf_map *map;

	snprintf(section, sizeof(section), ".data.%s", name);
	map = bpf_object__find_map_by_name(object, section);
	return map ? map : bpf_object__find_map_by_name(object, name);
}

int load_check_map(int fd, const struct map_size *expected)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	return info.type == BPF_MAP_TYPE_ARRAY && info.map_flags & BPF_F_MMAPABLE &&
			       info.value_size == expected->value_size && info.max_entries == expected->entries
		       ? 0
		       : -EPROTO;
}

/* A map that is in use already. 0 or -errno. */
static int adopt_map(const struct map_size *size, int fd, struct loaded *loaded)
{
	int status = load_check_map(fd, size);

	if (!status)
		status = add(loaded, size->name, fcntl(fd, F_DUPFD_CLOEXEC, 0));
	if (status)
		log_error("cannot go on with the map %s: %s", size->name, strerror(-status));
	return status;
}

static int make_map(const struct map_size *size, struct loaded *loaded)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, size->name, sizeof(uint32_t), size->value_size, size->entries,
				&options);
	int status = add(loaded, size->name, fd);

	if (!status)
		return 0;
	log_error("cannot make the map %s of %llu KiB: %s%s", size->name,
		  (unsigned long long)size->value_size * size->entries >> 10, strerror(-status),
		  status == -ENOMEM ? ": lower the limits in sluiced.yaml, or give the machine more memory" : "");
	return status;
}

static int make_maps(const struct dp_limits *limits, const struct loaded *adopted, struct loaded *loaded)
{
	struct map_size size[MAPS];
	int status = 0;

	maps_sizes(limits, loaded->cpus, size);
	for (size_t i = 0; i < MAPS && !status; i++) {
		int fd = adopted ? loaded_fd(adopted, size[i].name) : -1;

		status = fd >= 0 ? adopt_map(&size[i], fd, loaded) : make_map(&size[i], loaded);
	}
	return status;
}

/* Gives an object the maps that were made; it need not use them all. */
static int give_maps(struct bpf_object *object, const struct loaded *made)
{
	int status = 0;

	for (size_t i = 0; i < made->count && !status; i++) {
		struct bpf_map *map = find_map(object, made->object[i].name);

		if (map)
			status = bpf_map__reuse_fd(map, made->object[i].fd);
	}
	return status;
}

/*
 * libbpf keeps a page of memory for each section, and when the object is closed unmaps as much there as the map that it
 * has now is large. So it gets small ones back.
 */
static int give_small_maps_back(struct bpf_object *object, const struct loaded *made)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sluice_none", sizeof(uint32_t), sizeof(uint64_t), 1, NULL),
	    status = 0;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < made->count && !status; i++) {
		struct bpf_map *map = find_map(object, made->object[i].name);

		if (map)
			status = bpf_map__reuse_fd(map, fd);
	}
	close(fd);
	return status;
}

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

/* A file in memory with the shapes. Its descriptor, or -errno. */
static int write_shapes(const struct dp_limits *limits, uint32_t cpus)
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

/* The object's own descriptor goes with it. */
static int keep_program(const struct bpf_object *object, const char *name, struct loaded *loaded)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program ? add(loaded, name, fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0)) : -ENOENT;
}

/* libbpf reads the shapes while it loads. 0 or -errno. */
static int load_program(size_t which, const char *shapes, struct loaded *loaded)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = programs[which].name, .btf_custom_path = shapes);
	struct bpf_object *object;
	const void *bytes;
	size_t size;
	int status;

	bytes = programs[which].object(&size);
	object = bpf_object__open_mem(bytes, size, &options);
	if (!object)
		return -errno;
	status = give_maps(object, loaded);
	if (!status)
		status = bpf_object__load(object);
	if (!status)
		status = keep_program(object, programs[which].name, loaded);
	if (!give_small_maps_back(object, loaded)) /* else its memory is lost, which is better than another's */
		bpf_object__close(object);
	return status;
}

static int load_with(const char *shapes, const struct dp_limits *limits, const struct loaded *adopted,
		     struct loaded *loaded)
{
	int status = make_maps(limits, adopted, loaded);

	for (size_t i = 0; i < LOADED_PROGRAMS && !status; i++)
		status = load_program(i, shapes, loaded);
	return status;
}

int load_cpus(void)
{
	return libbpf_num_possible_cpus();
}

int load_programs(const struct dp_limits *limits, const struct loaded *adopted, struct loaded *loaded)
{
	int cpus = load_cpus(), shapes, status;
	char path[40];

	*loaded = (struct loaded){0};
	if (!limits_valid(limits)) {
		log_error("the dataplane cannot have such limits");
		return -EINVAL;
	}
	if (cpus < 0)
		return cpus;
	loaded->cpus = (uint32_t)cpus;
	shapes = write_shapes(limits, loaded->cpus);
	if (shapes < 0)
		return shapes;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shapes);
	status = load_with(path, limits, adopted, loaded);
	close(shapes);
	if (!status)
		return 0;
	log_error("cannot load the packet programs: %s%s", strerror(-status),
		  status == -EPERM ? " (it takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, or root)" : "");
	loaded_close(loaded);
	return status;
}

int loaded_fd(const struct loaded *loaded, const char *name)
{
	for (size_t i = 0; i < loaded->count; i++)
		if (!strcmp(loaded->object[i].name, name))
			return loaded->object[i].fd;
	return -1;
}

int loaded_take(struct loaded *loaded, const char *name)
{
	int fd = -1;

	for (size_t i = 0; i < loaded->count && fd < 0; i++) {
		if (strcmp(loaded->object[i].name, name) != 0)
			continue;
		fd = loaded->object[i].fd;
		loaded->object[i].fd = -1;
	}
	return fd;
}

void loaded_close(struct loaded *loaded)
{
	for (size_t i = 0; i < loaded->count; i++)
		if (loaded->object[i].fd >= 0)
			close(loaded->object[i].fd);
	*loaded = (struct loaded){0};
}

static int check_program(int fd, enum bpf_prog_type type)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	return info.type == type ? 0 : -EPROTO;
}

int loaded_check(const struct loaded *loaded, const struct dp_limits *limits, const char **wrong)
{
	struct map_size size[MAPS];
	int status = 0;

	maps_sizes(limits, loaded->cpus, size);
	for (size_t i = 0; i < LOADED_PROGRAMS && !status; i++) {
		*wrong = programs[i].name;
		status = loaded_fd(loaded, *wrong) < 0 ? -EPROTO
						       : check_program(loaded_fd(loaded, *wrong), programs[i].type);
	}
	for (size_t i = 0; i < MAPS && !status; i++) {
		*wrong = size[i].name;
		status = loaded_fd(loaded, *wrong) < 0 ? -EPROTO : load_check_map(loaded_fd(loaded, *wrong), &size[i]);
	}
	return status;
}

/* FNV-1a of the objects: what the tables look like is in their types. */
uint64_t load_build(void)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < LOADED_PROGRAMS; i++) {
		size_t size;
		const unsigned char *byte = programs[i].object(&size);

		while (size-- > 0)
			hash = (hash ^ *byte++) * 0x100000001b3;
	}
	return hash;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps are made here rather than by libbpf, since their sizes follow from limits: a table is declared as a variable
 * in a section of its own, of which libbpf 1.1 makes an array map with one element, but it cannot make it larger than
 * the section is. So it is given a map instead.
 */
#include "vnf/dataplane/xdp/load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "answers.skel.h"
#include "api/dp/observe.h"
#include "observer_answers.skel.h"
#include "observer_tc.skel.h"
#include "observer_xdp.skel.h"
#include "router_tc.skel.h"
#include "router_xdp.skel.h"
#include "vnf/core/hash.h"
#include "vnf/core/log.h"
#include "vnf/core/privileges.h"
#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/xdp/load_object.h"
#include "vnf/dataplane/xdp/shapes.h"

#define RING_BYTES (4U << 20) /* 40 ms of a million packets a second, heads only */

/* The programs, by their functions' names, each in an object of its own; they share their maps. */
static const struct load_program routers[LOADED_PROGRAMS] = {
	{LOADED_ROUTER, BPF_PROG_TYPE_XDP, router_xdp__elf_bytes, LOADED_TWIN_ROUTER},
	{LOADED_TC, BPF_PROG_TYPE_SCHED_CLS, router_tc__elf_bytes, LOADED_TWIN_TC},
	{LOADED_ANSWERS, BPF_PROG_TYPE_SCHED_CLS, answers__elf_bytes, LOADED_TWIN_ANSWERS},
};

/* Their twins. */
static const struct load_program twins[LOADED_PROGRAMS] = {
	{LOADED_SEEN_ROUTER, BPF_PROG_TYPE_XDP, observer_xdp__elf_bytes, NULL},
	{LOADED_SEEN_TC, BPF_PROG_TYPE_SCHED_CLS, observer_tc__elf_bytes, NULL},
	{LOADED_SEEN_ANSWERS, BPF_PROG_TYPE_SCHED_CLS, observer_answers__elf_bytes, NULL},
};

static const struct load_program *programs_of(enum load_what what)
{
	return what == LOAD_ROUTER ? routers : twins;
}

/* A map besides those of maps.h. */
struct extra {
	const char *name;
	enum bpf_map_type type;
	uint32_t value_size, entries;
};

static size_t extras(enum load_what what, uint32_t cpus, struct extra extra[LOADED_EXTRAS])
{
	if (what == LOAD_ROUTER) {
		extra[0] = (struct extra){LOADED_TWIN_ROUTER, BPF_MAP_TYPE_PROG_ARRAY, 4, 1};
		extra[1] = (struct extra){LOADED_TWIN_TC, BPF_MAP_TYPE_PROG_ARRAY, 4, 1};
		extra[2] = (struct extra){LOADED_TWIN_ANSWERS, BPF_MAP_TYPE_PROG_ARRAY, 4, 1};
		return 3;
	}
	extra[0] = (struct extra){LOADED_OBSERVED, BPF_MAP_TYPE_ARRAY, sizeof(struct dp_observed) * cpus, 1};
	extra[1] = (struct extra){LOADED_OBSERVING, BPF_MAP_TYPE_ARRAY, sizeof(struct dp_observing), 1};
	extra[2] = (struct extra){LOADED_RING, BPF_MAP_TYPE_RINGBUF, 0, RING_BYTES};
	return what == LOAD_OBSERVER ? 3 : 2;
}

/* What a twin that explains has of its own: nobody else sees what it leaves there. */
static bool is_private(enum load_what what, const char *name)
{
	static const char *const own[] = {"generation", "pending", "owed", "datagrams"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (what == LOAD_EXPLAINER && !strcmp(name, own[i]))
			return true;
	return false;
}

static int check_map(int fd, enum bpf_map_type type, uint32_t value_size, uint32_t entries)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	return info.type == type && (type != BPF_MAP_TYPE_ARRAY || info.map_flags & BPF_F_MMAPABLE) &&
			       info.value_size == value_size && info.max_entries == entries
		       ? 0
		       : -EPROTO;
}

int load_check_map(int fd, const struct map_size *expected)
{
	return check_map(fd, BPF_MAP_TYPE_ARRAY, expected->value_size, expected->entries);
}

/* A map that is in use already. 0 or -errno. */
static int adopt_map(const struct map_size *size, int fd, struct loaded *loaded)
{
	int status = load_check_map(fd, size);

	if (!status)
		status = loaded_add(loaded, size->name, fcntl(fd, F_DUPFD_CLOEXEC, 0));
	if (status)
		log_error("cannot go on with the map %s: %s", size->name, strerror(-status));
	return status;
}

static int make_map(const struct extra *map, struct loaded *loaded)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = map->type == BPF_MAP_TYPE_ARRAY ? BPF_F_MMAPABLE : 0);
	const char *name = map->name;
	uint32_t key = map->type == BPF_MAP_TYPE_RINGBUF ? 0 : sizeof(uint32_t);
	int fd = bpf_map_create(map->type, name, key, map->value_size, map->entries, &options);
	int status = loaded_add(loaded, name, fd);

	if (!status)
		return 0;
	log_error("cannot make the map %s of %llu KiB: %s%s", name,
		  (unsigned long long)(map->value_size ? map->value_size : 1) * map->entries >> 10, strerror(-status),
		  status == -ENOMEM ? ": lower the limits in sluiced.yaml, or give the machine more memory" : "");
	return status;
}

static int make_maps(enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
		     struct loaded *loaded)
{
	struct extra extra[LOADED_EXTRAS];
	struct map_size size[MAPS];
	size_t count = extras(what, loaded->cpus, extra);
	int status = 0;

	maps_sizes(limits, loaded->cpus, size);
	for (size_t i = 0; i < MAPS && !status; i++) {
		const struct extra map = {size[i].name, BPF_MAP_TYPE_ARRAY, size[i].value_size, size[i].entries};
		int fd = adopted && !is_private(what, map.name) ? loaded_fd(adopted, map.name) : -1;

		status = fd >= 0 ? adopt_map(&size[i], fd, loaded) : make_map(&map, loaded);
	}
	for (size_t i = 0; i < count && what != LOAD_ROUTER && !status; i++)
		status = make_map(&extra[i], loaded);
	return status;
}

/* An object on a thread of its own: the verifier takes one CPU, and most of the time until the daemon is ready. */
struct loading {
	const struct load_program *program;
	const char *shapes;
	bool explains;
	struct loaded loaded; /* the maps that there are, and behind them what is added */
	int status;
	pthread_t thread;
};

static void *load_one(void *context)
{
	struct loading *loading = context;

	loading->status = load_object(loading->program, loading->shapes, loading->explains, &loading->loaded);
	return NULL;
}

/* Adds what was made to the list, also where it failed: it is closed with that. */
static void take_over(struct loaded *loaded, const struct loaded *made, uint32_t shared)
{
	for (uint32_t i = shared; i < made->count; i++)
		loaded->object[loaded->count++] = made->object[i];
}

static int load_objects(enum load_what what, const char *shapes, struct loaded *loaded)
{
	struct loading loading[LOADED_PROGRAMS];
	const uint32_t shared = loaded->count;
	bool threads[LOADED_PROGRAMS];
	int status = 0;

	for (size_t i = 0; i < LOADED_PROGRAMS; i++) {
		loading[i] = (struct loading){.program = &programs_of(what)[i],
					      .shapes = shapes,
					      .explains = what == LOAD_EXPLAINER,
					      .loaded = *loaded};
		threads[i] = !pthread_create(&loading[i].thread, NULL, load_one, &loading[i]);
		if (!threads[i])
			load_one(&loading[i]);
	}
	for (size_t i = 0; i < LOADED_PROGRAMS; i++) {
		if (threads[i])
			pthread_join(loading[i].thread, NULL);
		take_over(loaded, &loading[i].loaded, shared);
		status = status ? status : loading[i].status;
	}
	return status;
}

static int load_with(enum load_what what, const char *shapes, const struct dp_limits *limits,
		     const struct loaded *adopted, struct loaded *loaded)
{
	int status = make_maps(what, limits, adopted, loaded);

	return status ? status : load_objects(what, shapes, loaded);
}

int load_cpus(void)
{
	return libbpf_num_possible_cpus();
}

int load_programs(enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
		  struct loaded *loaded)
{
	int cpus = load_cpus(), shapes, status;
	char path[40], why[PRIVILEGES_WHY];

	*loaded = (struct loaded){0};
	if (privileges_missing(why)) {
		log_error("cannot load the packet programs: %s", why);
		return -EPERM;
	}
	if (!limits_valid(limits) || what > LOAD_EXPLAINER) {
		log_error("the dataplane cannot have such limits");
		return -EINVAL;
	}
	if (cpus < 0)
		return cpus;
	loaded->cpus = (uint32_t)cpus;
	shapes = shapes_write(limits, loaded->cpus);
	if (shapes < 0)
		return shapes;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shapes);
	status = load_with(what, path, limits, adopted, loaded);
	close(shapes);
	if (!status)
		return 0;
	log_error("cannot load the packet programs: %s%s%s", strerror(-status), status == -EPERM ? ": " : "",
		  status == -EPERM ? privileges_refused() : "");
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

static int check_program(const struct loaded *loaded, const struct load_program *program)
{
	int fd = loaded_fd(loaded, program->name);
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (fd < 0)
		return -EPROTO;
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	return info.type == program->type ? 0 : -EPROTO;
}

static int check_extras(const struct loaded *loaded, enum load_what what, const char **wrong)
{
	struct extra extra[LOADED_EXTRAS];
	size_t count = extras(what, loaded->cpus, extra);
	int status = 0;

	for (size_t i = 0; i < count && !status; i++) {
		int fd = loaded_fd(loaded, extra[i].name);

		*wrong = extra[i].name;
		status = fd < 0 ? -EPROTO : check_map(fd, extra[i].type, extra[i].value_size, extra[i].entries);
	}
	return status;
}

int loaded_check(const struct loaded *loaded, enum load_what what, const struct dp_limits *limits, const char **wrong)
{
	struct map_size size[MAPS];
	int status = 0;

	maps_sizes(limits, loaded->cpus, size);
	for (size_t i = 0; i < LOADED_PROGRAMS && !status; i++) {
		*wrong = programs_of(what)[i].name;
		status = check_program(loaded, &programs_of(what)[i]);
	}
	for (size_t i = 0; i < MAPS && !status; i++) {
		*wrong = size[i].name;
		status = loaded_fd(loaded, *wrong) < 0 ? -EPROTO : load_check_map(loaded_fd(loaded, *wrong), &size[i]);
	}
	return status ? status : check_extras(loaded, what, wrong);
}

static uint64_t hash_object(uint64_t hash, const struct load_program *program)
{
	size_t size;
	const void *object = program->object(&size);

	return hash_bytes(hash, object, size);
}

/* Of the objects: what the tables look like is in their types. */
uint64_t load_build(void)
{
	uint64_t hash = HASH_SEED;

	for (size_t i = 0; i < LOADED_PROGRAMS; i++)
		hash = hash_object(hash_object(hash, &routers[i]), &twins[i]);
	return hash;
}

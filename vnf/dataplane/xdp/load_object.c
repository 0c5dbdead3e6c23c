/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/load_object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int loaded_add(struct loaded *loaded, const char *name, int fd)
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

/* The object's own descriptors go with it. */
static int keep(const struct bpf_object *object, const struct load_program *kept, struct loaded *loaded)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(object, kept->name);
	const struct bpf_map *twin = bpf_object__find_map_by_name(object, "twin");
	int status =
		program ? loaded_add(loaded, kept->name, fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0)) : -ENOENT;

	if (status || !kept->twin)
		return status;
	return twin ? loaded_add(loaded, kept->twin, fcntl(bpf_map__fd(twin), F_DUPFD_CLOEXEC, 0)) : -ENOENT;
}

/* A constant of the program, which the verifier looks into. */
static int say_explains(struct bpf_object *object)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata.explains");
	const uint32_t explains = 1;

	return map ? bpf_map__set_initial_value(map, &explains, sizeof(explains)) : -ENOENT;
}

/* libbpf reads the shapes while it loads. */
int load_object(const struct load_program *program, const char *shapes, bool explains, struct loaded *loaded)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = program->name, .btf_custom_path = shapes);
	struct loaded made = *loaded; /* which the object borrows */
	struct bpf_object *object;
	const void *bytes;
	size_t size;
	int status;

	bytes = program->object(&size);
	object = bpf_object__open_mem(bytes, size, &options);
	if (!object)
		return -errno;
	status = give_maps(object, &made);
	if (!status && explains)
		status = say_explains(object);
	if (!status)
		status = bpf_object__load(object);
	if (!status)
		status = keep(object, program, loaded);
	if (!give_small_maps_back(object, &made)) /* else its memory is lost, which is better than another's */
		bpf_object__close(object);
	return status;
}

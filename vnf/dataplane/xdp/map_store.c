/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/map_store.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vnf/core/fd_store.h"
#include "vnf/dataplane/xdp/maps.h"

#define NAME_PREFIX "sluice-"

static void stored_name(char text[sizeof(NAME_PREFIX) + MAPS_NAME], const char *name)
{
	snprintf(text, sizeof(NAME_PREFIX) + MAPS_NAME, NAME_PREFIX "%s", name);
}

static int get_handed(const struct map_store *store, const char *name)
{
	int place = fd_names_find(store->handed_names, name), fd;

	if (place < 0 || (size_t)place >= store->handed_count)
		return -ENOENT;
	fd = fcntl(store->handed[place], F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int map_store_get(const struct map_store *store, const char *name)
{
	char stored[sizeof(NAME_PREFIX) + MAPS_NAME], path[PATH_MAX];
	int fd;

	if (store->handed_names)
		return get_handed(store, name);
	if (!store->directory) {
		stored_name(stored, name);
		return fd_store_get(stored);
	}
	snprintf(path, sizeof(path), "%s/%s", store->directory, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static void make_directory(const char *path)
{
	char parent[PATH_MAX], *slash;

	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		(void)mkdir(parent, 0700);
	}
	(void)mkdir(path, 0700); /* pinning says what is wrong */
}

static int pin(const char *directory, const char *name, int fd)
{
	char path[PATH_MAX], fresh[PATH_MAX];

	make_directory(directory);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(fresh, sizeof(fresh), "%s/%s+", directory, name);
	(void)unlink(fresh);
	if (bpf_obj_pin(fd, fresh))
		return -errno;
	if (!rename(fresh, path))
		return 0;
	int error = -errno;

	(void)unlink(fresh);
	return error;
}

int map_store_put(const struct map_store *store, const char *name, int fd)
{
	char stored[sizeof(NAME_PREFIX) + MAPS_NAME];

	if (store->directory)
		return pin(store->directory, name, fd);
	stored_name(stored, name);
	return fd_store_put(stored, fd);
}

void map_store_remove(const struct map_store *store, const char *name)
{
	char stored[sizeof(NAME_PREFIX) + MAPS_NAME], path[PATH_MAX];

	if (!store->directory) {
		stored_name(stored, name);
		fd_store_remove(stored);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", store->directory, name);
	(void)unlink(path);
}

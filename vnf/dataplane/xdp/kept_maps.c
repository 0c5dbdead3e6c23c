/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/kept_maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/hash.h"
#include "vnf/core/log.h"

/* Another one when what is in these maps changes its meaning, and neither sizes nor names below show it. */
#define LAYOUT 1

static const struct {
	const char *name;
	bool same_build; /* only programs know what is in it */
} maps[KEPT_MAPS] = {
	{"counters", false},	 {"pending", false},	  {"fragments", false},	      {"tunnel_paths", false},
	{"connections4", false}, {"connections6", false}, {"connection_head", false}, {"owed", true},
	{"limiters", false},	 {"limiter_sets", false}, {"ddos_sets", false},	      {"member_loads", false},
};

uint64_t kept_layout(void)
{
	static const uint64_t numbers[] = {
		LAYOUT,
		DP_COUNTER_RX,
		DP_COUNTER_TX,
		DP_COUNTER_DECAP,
		DP_COUNTER_ENCAP,
		DP_COUNTER_STAGES,
		DP_COUNTER_CLASSIFIERS,
		DP_COUNTER_POLICY,
		DP_COUNTER_ROUTES,
		DP_PENDING_RECORDS,
		DP_FRAGMENT_WAYS,
		DP_PATH_TIME_SHIFT,
		sizeof(struct dp_counter),
		sizeof(struct dp_record),
		sizeof(struct dp_pending),
		sizeof(struct dp_fragment),
		sizeof(struct dp_tunnel_path),
		DP_COUNTER_LIMITERS,
		DP_LIMITER_UNIT,
		sizeof(struct dp_limiter),
		sizeof(struct dp_limiter_set),
		DP_CONNECTION_WAYS,
		DP_CONNECTION_SHIFT,
		sizeof(struct dp_connection_head),
		sizeof(struct dp_member_load),
	};
	static const char *const reasons[] = {
#define REASON(name, verdict, description) #name,
		DP_REASONS(REASON)
#undef REASON
	};
	uint64_t hash = hash_bytes(HASH_SEED, numbers, sizeof(numbers));

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		hash = hash_bytes(hash, reasons[i], strlen(reasons[i]) + 1);
	return hash;
}

void kept_maps_init(struct kept_maps *kept)
{
	*kept = (struct kept_maps){.since = (uint64_t)time(NULL)};
	for (size_t i = 0; i < KEPT_MAPS; i++)
		kept->fd[i] = -1;
}

/* 1: there are maps; 0: there are none; or -errno: they are not to be used. */
static int read_about(const struct map_store *store, struct kept_about *about)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info), first = 0;
	int fd = map_store_get(store, KEPT_ABOUT), status = 1;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		status = -errno;
	else if (info.value_size != sizeof(*about))
		status = -EPROTO;
	else if (bpf_map_lookup_elem(fd, &first, about))
		status = -errno;
	else if (about->magic != KEPT_MAGIC || about->layout != kept_layout())
		status = -EPROTO;
	close(fd);
	return status;
}

/* Takes over the descriptor. */
static void add_found(struct kept_maps *kept, const char *name, int fd)
{
	struct loaded_object *object = &kept->found.object[kept->found.count++];

	strncpy(object->name, name, sizeof(object->name) - 1);
	object->fd = fd;
}

/* 0, or -errno: it does not fit. */
static int find_one(struct kept_maps *kept, const struct map_store *store, size_t which, const struct map_size *size)
{
	int fd = map_store_get(store, maps[which].name), status;

	if (fd < 0)
		return fd;
	status = load_check_map(fd, size);
	if (status)
		close(fd);
	else
		add_found(kept, maps[which].name, fd);
	return status;
}

static const struct map_size *size_of(const struct map_size size[MAPS], const char *name)
{
	size_t i = 0;

	while (strcmp(size[i].name, name) != 0)
		i++;
	return &size[i];
}

static void find_all(struct kept_maps *kept, const struct map_store *store, const struct kept_about *about,
		     const struct map_size size[MAPS])
{
	for (size_t i = 0; i < KEPT_MAPS; i++) {
		int status;

		if (maps[i].same_build && about->build != load_build())
			continue;
		status = find_one(kept, store, i, size_of(size, maps[i].name));
		if (status)
			log_warning("the map %s of the daemon before begins anew: %s", maps[i].name,
				    status == -EPROTO ? "it is of another size, by other limits or processors"
						      : strerror(-status));
	}
}

void kept_maps_find(struct kept_maps *kept, const struct map_store *store, const struct dp_limits *limits,
		    uint32_t cpus)
{
	struct map_size size[MAPS];
	struct kept_about about;
	int status = read_about(store, &about);

	if (!status)
		return;
	if (status < 0) {
		log_warning("counters and what else packets have left begin anew: %s",
			    status == -EPROTO ? "the daemon before was of a version that has them in another layout"
					      : strerror(-status));
		return;
	}
	maps_sizes(limits, cpus, size);
	find_all(kept, store, &about, size);
	if (loaded_fd(&kept->found, "counters") >= 0)
		kept->since = about.since;
}

void kept_maps_take(struct kept_maps *kept, struct loaded *loaded)
{
	for (size_t i = 0; i < KEPT_MAPS; i++) {
		kept->adopted[i] = loaded_fd(&kept->found, maps[i].name) >= 0;
		kept->fd[i] = loaded_take(loaded, maps[i].name);
	}
	loaded_close(&kept->found);
}

void kept_maps_lend(const struct kept_maps *kept, struct loaded *loaded)
{
	for (uint32_t i = 0; i < loaded->count; i++)
		for (size_t map = 0; map < KEPT_MAPS; map++)
			if (!strcmp(loaded->object[i].name, maps[map].name))
				loaded->object[i].fd = kept->fd[map];
}

int kept_maps_fd(const struct kept_maps *kept, const char *name)
{
	size_t i = 0;

	while (strcmp(maps[i].name, name) != 0)
		i++;
	return kept->fd[i];
}

bool kept_maps_adopted(const struct kept_maps *kept, const char *name)
{
	for (size_t i = 0; i < KEPT_MAPS; i++)
		if (!strcmp(maps[i].name, name))
			return kept->adopted[i];
	return false;
}

/* A new one each time: whoever finds it finds all that it says. Descriptor or -errno. */
static int make_about(const struct kept_maps *kept)
{
	const struct kept_about about = {KEPT_MAGIC, kept_layout(), load_build(), kept->since};
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sluice_about", sizeof(uint32_t), sizeof(about), 1, NULL), error;
	uint32_t first = 0;

	if (fd < 0)
		return -errno;
	if (!bpf_map_update_elem(fd, &first, &about, BPF_ANY))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int leave_about(const struct kept_maps *kept, const struct map_store *store)
{
	int fd = make_about(kept), status;

	if (fd < 0)
		return fd;
	status = map_store_put(store, KEPT_ABOUT, fd);
	close(fd);
	return status;
}

int kept_maps_hand(const struct kept_maps *kept, int fd[KEPT_MAPS + 1], char *names, size_t size)
{
	int about = make_about(kept);
	size_t used;

	if (about < 0)
		return about;
	used = (size_t)snprintf(names, size, KEPT_ABOUT);
	fd[0] = about;
	for (size_t i = 0; i < KEPT_MAPS && used < size; i++) {
		used += (size_t)snprintf(names + used, size - used, ":%s", maps[i].name);
		fd[i + 1] = kept->fd[i];
	}
	if (used < size)
		return KEPT_MAPS + 1;
	close(about);
	return -ENOBUFS;
}

int kept_maps_leave(struct kept_maps *kept, const struct map_store *store)
{
	const bool all = kept->left || store->handed_names; /* else the adopted ones are there */
	int status = 0;

	kept->left = true;
	map_store_remove(store, KEPT_ABOUT);
	for (size_t i = 0; i < KEPT_MAPS && !status; i++)
		if (!kept->adopted[i] || all)
			status = map_store_put(store, maps[i].name, kept->fd[i]);
	return status ? status : leave_about(kept, store);
}

void kept_maps_remove(struct kept_maps *kept, const struct map_store *store)
{
	if (!kept->left)
		return;
	map_store_remove(store, KEPT_ABOUT);
	for (size_t i = 0; i < KEPT_MAPS; i++)
		map_store_remove(store, maps[i].name);
	if (store->directory)
		(void)rmdir(store->directory);
	kept->left = false;
}

void kept_maps_close(struct kept_maps *kept)
{
	loaded_close(&kept->found);
	for (size_t i = 0; i < KEPT_MAPS; i++)
		if (kept->fd[i] >= 0)
			close(kept->fd[i]);
	kept_maps_init(kept);
}

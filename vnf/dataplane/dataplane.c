/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/dataplane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/flow_salt.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/strays.h"
#include "vnf/dataplane/xdp/load_helper.h"

static int load(struct dataplane *dataplane, const struct dataplane_options *options, struct loaded *loaded)
{
	const struct loaded *found = &dataplane->kept.found;
	int cpus = load_cpus(), status;

	if (dataplane->store && cpus > 0)
		kept_maps_find(&dataplane->kept, dataplane->store, &dataplane->limits, (uint32_t)cpus);
	status = options->loader ? loader_ask(options->loader, LOAD_ROUTER, &dataplane->limits, found,
					      LOADER_TIMEOUT_MS, loaded)
				 : load_programs(LOAD_ROUTER, &dataplane->limits, found, loaded);

	if (!status && options->loaded)
		options->loaded();
	return status;
}

/* Maps what has this name. NULL: errno says why. */
static void *map(const struct loaded *loaded, const char *name, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, loaded_fd(loaded, name), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Both banks' table. 0 or -errno. */
static int map_table(struct dataplane *dataplane, const struct loaded *loaded, enum dp_table table, const char *name)
{
	char *memory = map(loaded, name, bank_map_bytes(&dataplane->limits, table));

	if (!memory)
		return -errno;
	bank_set_table(&dataplane->bank[0], table, memory);
	bank_set_table(&dataplane->bank[1], table, memory + bank_half(&dataplane->limits, table));
	return 0;
}

static int map_salt(struct dataplane *dataplane, const struct loaded *loaded)
{
	dataplane->mixed_salt = map(loaded, "flow_salt", sizeof(*dataplane->mixed_salt));
	if (!dataplane->mixed_salt)
		return -errno;
	*dataplane->mixed_salt = flow_salt_mixed(dataplane->flow_salt);
	return 0;
}

static size_t tunnel_paths_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_tunnel_path) * (dataplane->limits.tunnel_endpoints + 1);
}

static size_t limiters_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_limiter) * (dataplane->limits.rate_limiters + 1);
}

static size_t limiter_sets_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_limiter_set) * maps_limiter_sets(&dataplane->limits);
}

static int map_all(struct dataplane *dataplane, const struct loaded *loaded)
{
	int status = 0;

	for (enum dp_table table = 0; table < DP_TABLE_COUNT && !status; table++)
		status = map_table(dataplane, loaded, table, bank_table_name(table));
	if (status)
		return status;
	status = map_salt(dataplane, loaded);
	if (status)
		return status;
	dataplane->tunnel_paths = map(loaded, "tunnel_paths", tunnel_paths_size(dataplane));
	if (!dataplane->tunnel_paths)
		return -errno;
	dataplane->limiters = map(loaded, "limiters", limiters_size(dataplane));
	dataplane->limiter_sets = map(loaded, "limiter_sets", limiter_sets_size(dataplane));
	dataplane->ddos_sets = map(loaded, "ddos_sets", limiter_sets_size(dataplane));
	if (!dataplane->limiters || !dataplane->limiter_sets || !dataplane->ddos_sets)
		return -errno;
	status = conntrack_map(dataplane, loaded);
	if (!status)
		status = member_loads_map(dataplane, loaded);
	if (status)
		return status;
	dataplane->now = map(loaded, "generation", sizeof(*dataplane->now));
	return dataplane->now ? counters_map(dataplane, loaded) : -errno;
}

static void unmap_all(struct dataplane *dataplane)
{
	counters_unmap(dataplane);
	conntrack_unmap(dataplane);
	member_loads_unmap(dataplane);
	if (dataplane->now)
		munmap(dataplane->now, sizeof(*dataplane->now));
	if (dataplane->tunnel_paths)
		munmap(dataplane->tunnel_paths, tunnel_paths_size(dataplane));
	if (dataplane->limiters)
		munmap(dataplane->limiters, limiters_size(dataplane));
	if (dataplane->limiter_sets)
		munmap(dataplane->limiter_sets, limiter_sets_size(dataplane));
	if (dataplane->ddos_sets)
		munmap(dataplane->ddos_sets, limiter_sets_size(dataplane));
	if (dataplane->mixed_salt)
		munmap(dataplane->mixed_salt, sizeof(*dataplane->mixed_salt));
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		if (bank_table(&dataplane->bank[0], table))
			munmap(bank_table(&dataplane->bank[0], table), bank_map_bytes(&dataplane->limits, table));
}

static void take_tc_program(struct dataplane *dataplane, enum tc_program which, int fd)
{
	dataplane->tc_program[which] = dataplane->attachments.tc_program[which] = fd;
}

/* The programs' descriptors are ours from now on; a mapping holds its map by itself. */
static int set_up(struct dataplane *dataplane, struct loaded *loaded)
{
	int status = map_all(dataplane, loaded);

	dataplane->program = dataplane->attachments.program = loaded_take(loaded, LOADED_ROUTER);
	take_tc_program(dataplane, TC_ROUTER, loaded_take(loaded, LOADED_TC));
	take_tc_program(dataplane, TC_ANSWERS, loaded_take(loaded, LOADED_ANSWERS));
	kept_maps_take(&dataplane->kept, loaded);
	dataplane->rest = *loaded; /* for the twins */
	if (!status)
		status = conntrack_begin(dataplane);
	if (!status)
		status = quiesce_open(&dataplane->quiesce);
	if (status)
		log_error("cannot set up the XDP program: %s", strerror(-status));
	return status;
}

struct dataplane *dataplane_new(const struct dataplane_options *options, int *error)
{
	struct dataplane *dataplane = calloc(1, sizeof(*dataplane));
	struct loaded loaded;

	*error = -ENOMEM;
	if (!dataplane)
		return NULL;
	dataplane->program = -1;
	dataplane->store = options->store;
	dataplane->loader = options->loader;
	dataplane->loader_socket = options->loader_socket;
	kept_maps_init(&dataplane->kept);
	for (int i = 0; i < TC_PROGRAMS; i++)
		dataplane->tc_program[i] = -1;
	dataplane->quiesce = QUIESCE_NONE;
	dataplane->limits = options->limits;
	dataplane->attachments.choice = options->xdp;
	limits_complete(&dataplane->limits);
	if (options->record) {
		dataplane->attachments.record = strdup(options->record);
		if (!dataplane->attachments.record)
			goto err_free;
	}
	libbpf_log_start();
	*error = load(dataplane, options, &loaded);
	dataplane->flow_salt = flow_salt(options->flow_salt, options->salt_record);
	if (!*error)
		*error = set_up(dataplane, &loaded);
	if (!*error)
		return dataplane;

err_free:
	dataplane_free(dataplane);
	return NULL;
}

void dataplane_free(struct dataplane *dataplane)
{
	if (!dataplane)
		return;
	if (dataplane->store && !dataplane->attachments.leave)
		kept_maps_remove(&dataplane->kept, dataplane->store);
	kept_maps_close(&dataplane->kept);
	loaded_close(&dataplane->rest);
	attachments_end(&dataplane->attachments);
	quiesce_close(&dataplane->quiesce);
	unmap_all(dataplane);
	if (dataplane->program >= 0)
		close(dataplane->program);
	for (int i = 0; i < TC_PROGRAMS; i++)
		if (dataplane->tc_program[i] >= 0)
			close(dataplane->tc_program[i]);
	free(dataplane);
}

bool dataplane_counters_adopted(const struct dataplane *dataplane)
{
	return kept_maps_adopted(&dataplane->kept, "counters");
}

bool dataplane_paths_adopted(const struct dataplane *dataplane)
{
	return kept_maps_adopted(&dataplane->kept, "tunnel_paths");
}

uint64_t dataplane_counters_since(const struct dataplane *dataplane)
{
	return dataplane->kept.since;
}

void dataplane_leave_maps(struct dataplane *dataplane)
{
	int status;

	if (!dataplane->store)
		return;
	status = kept_maps_leave(&dataplane->kept, dataplane->store);
	if (status)
		log_warning("%s: cannot leave the counters there for the next daemon: %s%s",
			    dataplane->store->directory ? dataplane->store->directory : "systemd", strerror(-status),
			    status == -EPERM ? ": is it on a BPF file system (mount -t bpf)?" : "");
}

int dataplane_hand_maps(const struct dataplane *dataplane, int fd[], char *names, size_t size)
{
	return kept_maps_hand(&dataplane->kept, fd, names, size);
}

int dataplane_program_fd(const struct dataplane *dataplane)
{
	return dataplane->program;
}

int dataplane_tc_program_fd(const struct dataplane *dataplane, enum tc_program which)
{
	return dataplane->tc_program[which];
}

uint64_t dataplane_generation(const struct dataplane *dataplane)
{
	return __atomic_load_n(&dataplane->now->generation, __ATOMIC_ACQUIRE);
}

unsigned int dataplane_idle_index(const struct dataplane *dataplane)
{
	return !(dataplane_generation(dataplane) & 1);
}

const struct bank *dataplane_bank(const struct dataplane *dataplane, unsigned int index)
{
	return &dataplane->bank[index];
}

const struct dp_limits *dataplane_limits(const struct dataplane *dataplane)
{
	return &dataplane->limits;
}

void dataplane_note_fib_words(struct dataplane *dataplane, uint64_t held, uint64_t kept)
{
	__atomic_store_n(&dataplane->fib_words_kept, kept, __ATOMIC_RELAXED);
	__atomic_store_n(&dataplane->fib_words_held, held, __ATOMIC_RELAXED);
}

uint64_t dataplane_fib_words_kept(const struct dataplane *dataplane)
{
	return __atomic_load_n(&dataplane->fib_words_kept, __ATOMIC_RELAXED);
}

uint64_t dataplane_fib_words(const struct dataplane *dataplane)
{
	return __atomic_load_n(&dataplane->fib_words_held, __ATOMIC_RELAXED);
}

uint64_t dataplane_flow_salt(const struct dataplane *dataplane)
{
	return dataplane->flow_salt;
}

struct dp_tunnel_path dataplane_tunnel_path(const struct dataplane *dataplane, uint32_t tunnel)
{
	const struct dp_tunnel_path *row = &dataplane->tunnel_paths[tunnel];

	if (tunnel > dataplane->limits.tunnel_endpoints)
		return (struct dp_tunnel_path){0};
	return (struct dp_tunnel_path){.path = __atomic_load_n(&row->path, __ATOMIC_RELAXED),
				       .fragments = __atomic_load_n(&row->fragments, __ATOMIC_RELAXED)};
}

void dataplane_tunnel_path_reset(struct dataplane *dataplane, uint32_t tunnel)
{
	struct dp_tunnel_path *row = &dataplane->tunnel_paths[tunnel];

	if (tunnel > dataplane->limits.tunnel_endpoints)
		return;
	__atomic_store_n(&row->path, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&row->fragments, 0, __ATOMIC_RELAXED);
}

const struct bank *dataplane_idle_bank(struct dataplane *dataplane)
{
	return &dataplane->bank[dataplane_idle_index(dataplane)];
}

uint64_t dataplane_flip(struct dataplane *dataplane)
{
	uint64_t generation = dataplane_generation(dataplane) + 1;

	/* Who reads this generation sees every store to its bank: the program's reads of the bank depend on the
	 * generation's value by address, which orders them without a barrier on every processor. And no later step of
	 * ours, the wait for readers above all, is done before the store is visible. */
	__atomic_exchange_n(&dataplane->now->generation, generation, __ATOMIC_SEQ_CST);
	quiesce_start(&dataplane->quiesce);
	return generation;
}

void dataplane_start_at(struct dataplane *dataplane, uint64_t generation)
{
	__atomic_store_n(&dataplane->now->generation, generation, __ATOMIC_SEQ_CST);
}

void dataplane_wait_readers(struct dataplane *dataplane)
{
	quiesce_wait(&dataplane->quiesce);
}

int dataplane_attach(struct dataplane *dataplane, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size)
{
	return attachments_add(&dataplane->attachments, ifindex, mode, reason, size);
}

void dataplane_leave_attached(struct dataplane *dataplane)
{
	dataplane->attachments.leave = true;
}

void dataplane_attach_again(struct dataplane *dataplane)
{
	attachments_again(&dataplane->attachments);
}

void dataplane_detach_strays(struct dataplane *dataplane)
{
	strays_detach(&dataplane->attachments);
}

void dataplane_detach_all(const struct dataplane *dataplane)
{
	const struct attachments none = {.record = dataplane->attachments.record};

	strays_detach(&none);
}

int dataplane_close_strays(struct dataplane *dataplane)
{
	return strays_close(&dataplane->attachments, kept_maps_fd(&dataplane->kept, "counters"),
			    dataplane->counter_count);
}

void dataplane_detach(struct dataplane *dataplane, uint32_t ifindex)
{
	attachments_remove(&dataplane->attachments, ifindex);
}

enum xdp_mode dataplane_port_mode(const struct dataplane *dataplane, uint32_t ifindex)
{
	return attachments_mode(&dataplane->attachments, ifindex);
}

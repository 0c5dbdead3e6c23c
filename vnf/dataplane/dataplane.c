/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/dataplane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/load.h"
#include "vnf/dataplane/xdp/load_helper.h"

static int load(struct dataplane *dataplane, const struct dataplane_options *options, struct loaded *loaded)
{
	int status = options->loader ? loader_ask(options->loader, dataplane->max_routes, LOADER_TIMEOUT_MS, loaded)
				     : load_program(dataplane->max_routes, loaded);

	if (!status && options->loaded)
		options->loaded();
	return status;
}

/* The program's descriptor is ours from now on; a mapping holds its map by itself. */
static int take_over(struct dataplane *dataplane, struct loaded *loaded)
{
	int fd = loaded->fd[LOADED_STATE];
	void *state = mmap(NULL, sizeof(*dataplane->state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (state == MAP_FAILED)
		return -errno;
	dataplane->state = state;
	for (int i = 0; i < 2; i++)
		dataplane->bank[i] = bank_of(&dataplane->state->bank[i]);
	dataplane->program = loaded->fd[LOADED_PROGRAM];
	dataplane->attachments.program = dataplane->program;
	loaded->fd[LOADED_PROGRAM] = -1;
	return counters_map(dataplane, loaded);
}

static int set_up(struct dataplane *dataplane, struct loaded *loaded)
{
	int status = take_over(dataplane, loaded);

	loaded_close(loaded);
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
	dataplane->quiesce = QUIESCE_NONE;
	dataplane->max_routes = options->max_routes ? options->max_routes : DP_DEFAULT_ROUTES;
	dataplane->limits = bank_limits_most;
	dataplane->limits.routes = dataplane->max_routes;
	if (options->record) {
		dataplane->attachments.record = strdup(options->record);
		if (!dataplane->attachments.record)
			goto err_free;
	}
	libbpf_log_start();
	*error = load(dataplane, options, &loaded);
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
	attachments_end(&dataplane->attachments);
	quiesce_close(&dataplane->quiesce);
	counters_unmap(dataplane);
	if (dataplane->state)
		munmap(dataplane->state, sizeof(*dataplane->state));
	if (dataplane->program >= 0)
		close(dataplane->program);
	free(dataplane);
}

int dataplane_program_fd(const struct dataplane *dataplane)
{
	return dataplane->program;
}

uint64_t dataplane_generation(const struct dataplane *dataplane)
{
	return __atomic_load_n(&dataplane->state->generation, __ATOMIC_ACQUIRE);
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

struct dp_bank *dataplane_idle_bank(struct dataplane *dataplane)
{
	return &dataplane->state->bank[dataplane_idle_index(dataplane)];
}

uint64_t dataplane_flip(struct dataplane *dataplane)
{
	uint64_t generation = dataplane_generation(dataplane) + 1;

	/* Who reads this generation sees every store to its bank: the program's reads of the bank depend on the
	 * generation's value by address, which orders them without a barrier on every processor. And no later step of
	 * ours, the wait for readers above all, is done before the store is visible. */
	__atomic_exchange_n(&dataplane->state->generation, generation, __ATOMIC_SEQ_CST);
	quiesce_start(&dataplane->quiesce);
	return generation;
}

void dataplane_wait_readers(struct dataplane *dataplane)
{
	quiesce_wait(&dataplane->quiesce);
}

int dataplane_attach(struct dataplane *dataplane, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size)
{
	return attachments_add(&dataplane->attachments, ifindex, mode, reason, size);
}

void dataplane_detach(struct dataplane *dataplane, uint32_t ifindex)
{
	attachments_remove(&dataplane->attachments, ifindex);
}

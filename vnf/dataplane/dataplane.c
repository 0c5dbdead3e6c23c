/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/dataplane.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "router.skel.h"
#include "vnf/core/log.h"
#include "vnf/dataplane/internal.h"

static int open_and_load(struct dataplane *dataplane)
{
	struct router_bpf *skeleton = router_bpf__open();
	int status;

	if (!skeleton)
		return -errno;
	dataplane->skeleton = skeleton;
	status = counters_size(dataplane);
	if (status)
		return status;
	return router_bpf__load(skeleton);
}

struct dataplane *dataplane_new(const struct dataplane_options *options, int *error)
{
	uint32_t max_routes = options && options->max_routes ? options->max_routes : DP_DEFAULT_ROUTES;
	struct dataplane *dataplane;
	int status;

	*error = -EINVAL;
	if (max_routes > DP_MAX_ROUTES) {
		log_error("%u routes are more than the dataplane's limit of %u", max_routes, DP_MAX_ROUTES);
		return NULL;
	}
	*error = -ENOMEM;
	dataplane = calloc(1, sizeof(*dataplane));
	if (!dataplane)
		return NULL;
	dataplane->grace_outer = dataplane->grace_inner = -1;
	dataplane->max_routes = max_routes;
	if (options && options->record) {
		dataplane->record = strdup(options->record);
		if (!dataplane->record) {
			free(dataplane);
			return NULL;
		}
	}
	libbpf_words_to_log();
	status = open_and_load(dataplane);
	if (status) {
		log_error("cannot load the XDP program: %s%s", strerror(-status),
			  status == -EPERM ? " (it takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, or root)" : "");
		goto err_free;
	}
	dataplane->state = &dataplane->skeleton->bss->dp;
	dataplane->program = bpf_program__fd(dataplane->skeleton->progs.sluice_router);
	if (options && options->loaded)
		options->loaded();
	status = counters_map(dataplane);
	if (!status)
		status = readers_open(dataplane);
	if (status) {
		log_error("cannot set up the XDP program: %s", strerror(-status));
		goto err_free;
	}
	*error = 0;
	return dataplane;

err_free:
	*error = status;
	dataplane_free(dataplane);
	return NULL;
}

void dataplane_free(struct dataplane *dataplane)
{
	if (!dataplane)
		return;
	while (dataplane->attachments)
		dataplane_detach(dataplane, dataplane->attachment[dataplane->attachments - 1].ifindex);
	free(dataplane->attachment);
	free(dataplane->record);
	readers_close(dataplane);
	counters_unmap(dataplane);
	router_bpf__destroy(dataplane->skeleton);
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
	readers_flipped(dataplane);
	return generation;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until no run of the program reads the old bank any more. Every run of an XDP program, from the driver's
 * softirq or from BPF_PROG_TEST_RUN, is an RCU read-side critical section. A user-space update of an outer map-in-map
 * returns only after a grace period (maybe_wait_bpf_programs in kernel/bpf/syscall.c): the kernel promises it to those
 * who swap inner maps, and needs no inner map to be of any use. So one such update waits for all runs that began before
 * it. A run that begins later reads the new generation.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/internal.h"

int readers_open(struct dataplane *dataplane)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);

	dataplane->grace_inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sluice_grace_in", 4, 8, 1, NULL);
	if (dataplane->grace_inner < 0)
		return -errno;
	options.inner_map_fd = dataplane->grace_inner;
	dataplane->grace_outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "sluice_grace", 4, 4, 1, &options);
	return dataplane->grace_outer < 0 ? -errno : 0;
}

void readers_close(struct dataplane *dataplane)
{
	if (dataplane->grace_outer >= 0)
		close(dataplane->grace_outer);
	if (dataplane->grace_inner >= 0)
		close(dataplane->grace_inner);
	dataplane->grace_outer = dataplane->grace_inner = -1;
}

void dataplane_wait_readers(struct dataplane *dataplane)
{
	uint32_t slot = 0;

	/* The flip was a full barrier: a run that the grace period does not cover cannot read the old generation. */
	if (!bpf_map_update_elem(dataplane->grace_outer, &slot, &dataplane->grace_inner, BPF_ANY))
		return;
	/* It allocates nothing and cannot fail. If it does, to go on would show packets half a commit; the kernel goes
	 * on forwarding by the last whole one without us. */
	log_error("cannot wait for the packets in flight: %s; stopping", strerror(errno));
	abort();
}

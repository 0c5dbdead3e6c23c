/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until no run of the program reads the old bank any more. Two ways (docs/adr/0005-grace-period.md):
 *
 * Witnesses (witness.h) take some 30 us and are what is used where they can be.
 *
 * The kernel's grace period takes 8 ms and more, and is always sound. Every run of an XDP program, from the driver's
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
#include "vnf/dataplane/quiesce/cpu_quiesce.h"

static void start_witnesses(struct dataplane *dataplane)
{
	char reason[128] = "";

	dataplane->witnesses = witnesses_new(reason, sizeof(reason));
	if (dataplane->witnesses)
		log_info("commits wait for packets in flight by a thread on each of %zu CPUs",
			 witnesses_count(dataplane->witnesses));
	else
		log_warning("commits wait for packets in flight by the kernel's grace periods, about a hundred a "
			    "second: %s",
			    reason);
}

int readers_open(struct dataplane *dataplane)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);

	dataplane->grace_inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sluice_grace_in", 4, 8, 1, NULL);
	if (dataplane->grace_inner < 0)
		return -errno;
	options.inner_map_fd = dataplane->grace_inner;
	dataplane->grace_outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "sluice_grace", 4, 4, 1, &options);
	if (dataplane->grace_outer < 0)
		return -errno;
	start_witnesses(dataplane);
	return 0;
}

void readers_close(struct dataplane *dataplane)
{
	witnesses_free(dataplane->witnesses);
	dataplane->witnesses = NULL;
	if (dataplane->grace_outer >= 0)
		close(dataplane->grace_outer);
	if (dataplane->grace_inner >= 0)
		close(dataplane->grace_inner);
	dataplane->grace_outer = dataplane->grace_inner = -1;
}

void readers_flipped(struct dataplane *dataplane)
{
	if (dataplane->witnesses)
		witnesses_ask(dataplane->witnesses);
}

/* The flip was a full barrier: a run that the grace period does not cover cannot read the old generation. */
static void wait_grace_period(struct dataplane *dataplane)
{
	uint32_t slot = 0;

	if (!bpf_map_update_elem(dataplane->grace_outer, &slot, &dataplane->grace_inner, BPF_ANY))
		return;
	/* It allocates nothing and cannot fail. If it does, to go on would show packets half a commit; the kernel goes
	 * on forwarding by the last whole one without us. */
	log_error("cannot wait for the packets in flight: %s; stopping", strerror(errno));
	abort();
}

void dataplane_wait_readers(struct dataplane *dataplane)
{
	int error = dataplane->witnesses ? witnesses_wait(dataplane->witnesses) : -ENOENT;

	if (!error)
		return;
	wait_grace_period(dataplane);
	if (error == -ESTALE) {
		log_info("CPUs have come or gone");
		witnesses_free(dataplane->witnesses);
		start_witnesses(dataplane);
	} else if (error == -ETIMEDOUT && !dataplane->slow_cpu_said) {
		log_warning("a CPU lets no other thread run for %d ms at a time; commits are slow as long as it does",
			    WITNESS_WAIT_MS);
		dataplane->slow_cpu_said = true;
	}
}

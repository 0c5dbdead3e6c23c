/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's grace period covers every run of an XDP program, from the driver's softirq or from BPF_PROG_TEST_RUN: it
 * is an RCU read-side critical section. A user-space update of an outer map-in-map returns only after a grace period
 * (maybe_wait_bpf_programs in kernel/bpf/syscall.c): the kernel promises it to those who swap inner maps, and needs no
 * inner map to be of any use. So one such update waits for all runs that began before it. A run that begins later reads
 * the new generation.
 */
#include "vnf/dataplane/quiesce/quiesce.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/quiesce/cpu_quiesce.h"

static void start_threads(struct quiesce *quiesce)
{
	char reason[128] = "";

	quiesce->cpus = cpu_quiesce_new(reason, sizeof(reason));
	if (quiesce->cpus)
		log_info("commits wait for packets in flight by a thread on each of %zu CPUs",
			 cpu_quiesce_count(quiesce->cpus));
	else
		log_warning("commits wait for packets in flight by the kernel's grace periods, about a hundred a "
			    "second: %s",
			    reason);
}

int quiesce_open(struct quiesce *quiesce)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);

	quiesce->grace_inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sluice_grace_in", 4, 8, 1, NULL);
	if (quiesce->grace_inner < 0)
		return -errno;
	options.inner_map_fd = quiesce->grace_inner;
	quiesce->grace_outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "sluice_grace", 4, 4, 1, &options);
	if (quiesce->grace_outer < 0)
		return -errno;
	start_threads(quiesce);
	return 0;
}

void quiesce_close(struct quiesce *quiesce)
{
	cpu_quiesce_free(quiesce->cpus);
	if (quiesce->grace_outer >= 0)
		close(quiesce->grace_outer);
	if (quiesce->grace_inner >= 0)
		close(quiesce->grace_inner);
	*quiesce = QUIESCE_NONE;
}

void quiesce_start(struct quiesce *quiesce)
{
	if (quiesce->cpus)
		cpu_quiesce_start(quiesce->cpus);
}

/* The flip was a full barrier: a run that the grace period does not cover cannot read the old generation. */
static void wait_grace_period(const struct quiesce *quiesce)
{
	uint32_t slot = 0;

	if (!bpf_map_update_elem(quiesce->grace_outer, &slot, &quiesce->grace_inner, BPF_ANY))
		return;
	/* It allocates nothing and cannot fail. If it does, to go on would show packets half a commit; the kernel goes
	 * on forwarding by the last whole one without us. */
	log_error("cannot wait for the packets in flight: %s; stopping", strerror(errno));
	abort();
}

void quiesce_wait(struct quiesce *quiesce)
{
	int error = quiesce->cpus ? cpu_quiesce_wait(quiesce->cpus) : -ENOENT;

	if (!error)
		return;
	wait_grace_period(quiesce);
	if (error == -ESTALE) {
		log_info("CPUs have come or gone");
		cpu_quiesce_free(quiesce->cpus);
		start_threads(quiesce);
	} else if (error == -ETIMEDOUT && !quiesce->slow_cpu_said) {
		log_warning("a CPU lets no other thread run for %d ms at a time; commits are slow as long as it does",
			    CPU_QUIESCE_WAIT_MS);
		quiesce->slow_cpu_said = true;
	}
}

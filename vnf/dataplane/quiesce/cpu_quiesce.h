/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof that the packets in flight are done, without a grace period: one thread a CPU, pinned to it. Every run of an
 * XDP program has bottom halves disabled on its CPU, and where that disables preemption (every kernel but PREEMPT_RT) a
 * thread that executes in user mode on a CPU proves that no run which began earlier there goes on: the CPU has been
 * quiescent. So a period starts by waking the threads, and is over when each has been on its CPU.
 * docs/adr/0005-grace-period.md has the whole argument.
 */
#ifndef SLUICE_DATAPLANE_CPU_QUIESCE_H
#define SLUICE_DATAPLANE_CPU_QUIESCE_H

#include <stddef.h>

struct cpu_quiesce;

/* Starts the threads. Returns NULL, and says in `reason` (size bytes) why it cannot be done here. */
struct cpu_quiesce *cpu_quiesce_new(char *reason, size_t size);
void cpu_quiesce_free(struct cpu_quiesce *quiesce); /* NULL is fine */

size_t cpu_quiesce_count(const struct cpu_quiesce *quiesce); /* CPUs */

/* Starts a period; it replaces the one before. Never blocks. */
void cpu_quiesce_start(struct cpu_quiesce *quiesce);

/*
 * Returns 0 when every CPU has been quiescent since the last cpu_quiesce_start. -ETIMEDOUT: one has not within
 * CPU_QUIESCE_WAIT_MS; -ESTALE: the CPUs are not those any more that were online at cpu_quiesce_new: begin anew.
 */
int cpu_quiesce_wait(struct cpu_quiesce *quiesce);
#define CPU_QUIESCE_WAIT_MS 20

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof that the packets in flight are done, without a grace period: one thread a CPU, pinned to it. Every run of an
 * XDP program has bottom halves disabled on its CPU, and where that disables preemption (every kernel but PREEMPT_RT) a
 * thread that executes in user mode on a CPU proves that no run which began earlier there goes on. So: wake the
 * threads, and when each has been on its CPU, all is done. docs/adr/0005-grace-period.md has the whole argument.
 */
#ifndef SLUICE_DATAPLANE_WITNESS_H
#define SLUICE_DATAPLANE_WITNESS_H

#include <stddef.h>

struct witnesses;

/* Starts the threads. NULL, and in `reason` (size bytes) why it cannot be done here. */
struct witnesses *witnesses_new(char *reason, size_t size);
void witnesses_free(struct witnesses *witnesses); /* NULL is fine */

size_t witnesses_count(const struct witnesses *witnesses);

/* Asks every CPU from now on; a later call replaces this one. Never blocks. */
void witnesses_ask(struct witnesses *witnesses);

/*
 * Returns 0 when every CPU has answered since the last witnesses_ask. -ETIMEDOUT: one has not in WITNESS_WAIT_MS;
 * -ESTALE: the CPUs are not those any more that were online at witnesses_new: begin anew.
 */
int witnesses_wait(struct witnesses *witnesses);
#define WITNESS_WAIT_MS 20

#endif

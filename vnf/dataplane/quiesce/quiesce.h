/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until no run of the program reads the old bank any more, in one of two ways (docs/adr/0005-grace-period.md):
 * by a thread on each CPU (cpu_quiesce.h), which takes some 30 us, and where that cannot be by the kernel's grace
 * period, which takes 8 ms and more and is always sound.
 */
#ifndef SLUICE_DATAPLANE_QUIESCE_H
#define SLUICE_DATAPLANE_QUIESCE_H

#include <stdbool.h>

struct cpu_quiesce;

struct quiesce {
	struct cpu_quiesce *cpus;     /* NULL: only grace periods */
	int grace_outer, grace_inner; /* maps; -1: not yet */
	bool slow_cpu_said;
};

#define QUIESCE_NONE ((struct quiesce){.grace_outer = -1, .grace_inner = -1})

/* 0 or -errno. */
int quiesce_open(struct quiesce *quiesce);
void quiesce_close(struct quiesce *quiesce); /* QUIESCE_NONE is fine */

/* The generation has been flipped: from now on the wait may go on by itself. */
void quiesce_start(struct quiesce *quiesce);
/* Returns when no run that began before quiesce_start goes on. By the thread that started it. */
void quiesce_wait(struct quiesce *quiesce);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The XDP program on its way into the kernel. Internal to the dataplane room. */
#ifndef SLUICE_DATAPLANE_LOAD_H
#define SLUICE_DATAPLANE_LOAD_H

#include <stdint.h>

enum {
	LOADED_PROGRAM,
	LOADED_STATE,	 /* an array map with one struct dp_state: both banks empty, generation 0 */
	LOADED_COUNTERS, /* an array map of struct dp_counter: for each possible CPU a block of counter_count */
	LOADED_FDS,
};

/* Descriptors are the holder's: loaded_close. Both maps can be mapped into memory. */
struct loaded {
	int fd[LOADED_FDS];
	uint32_t counter_count, cpus;
};

extern const struct loaded loaded_none; /* descriptors of -1 */

/* Loads the program with room for the counters of so many routes; takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON. 0, or
 * -errno and has logged why, and there is nothing to close. */
int load_program(uint32_t max_routes, struct loaded *loaded);

void loaded_close(struct loaded *loaded);

/* Tells this build's program and tables from those of others. */
uint64_t load_build(void);

#endif

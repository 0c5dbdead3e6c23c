/* SPDX-License-Identifier: Apache-2.0 */
/* The program that drops every packet of a port whose state is not known, and counts it as state_unknown. */
#ifndef SLUICE_DATAPLANE_CLOSED_PROGRAM_H
#define SLUICE_DATAPLANE_CLOSED_PROGRAM_H

#include <stdint.h>

/* The map of counters and how many of them a CPU has. Loads the program: its descriptor, the caller's, or -errno. */
int closed_program_load(int counters, uint32_t per_cpu);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of a test's own that are made of the router's headers: loaded with the tables of a router of given limits.
 */
#ifndef SLUICE_TESTS_BPF_OWN_PROGRAM_H
#define SLUICE_TESTS_BPF_OWN_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "api/dp/limits.h"

struct bpf_object;

struct own_program {
	struct bpf_object
		*object; /* never closed: libbpf would unmap more than it has mapped (vnf/dataplane/xdp/load.c) */
	struct dp_limits limits; /* completed */
};

/* A map of the program's own that gets so many entries; NULL: none. Before it is loaded. */
extern const char *own_program_resize;
extern uint32_t own_program_entries;

/* 0 or -errno: -EPERM where BPF is not allowed. */
int own_program_load(struct own_program *own, const void *bytes, size_t size, const struct dp_limits *limits);
/* The map of a table, or the section of the program's own variables (".bss"), in memory. */
void *own_program_map(const struct own_program *own, const char *name);
int own_program_fd(const struct own_program *own, const char *function);
/* One run on these bytes, so many times; what the program answers. Fails the test if it cannot run. */
uint32_t own_program_run(int fd, const void *frame, size_t length, uint32_t repeat);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One object with one program on its way into the kernel (load.h), and the list of what has been made. */
#ifndef SLUICE_DATAPLANE_LOAD_OBJECT_H
#define SLUICE_DATAPLANE_LOAD_OBJECT_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "vnf/dataplane/xdp/load.h"

struct load_program {
	const char *name; /* of its function */
	enum bpf_prog_type type;
	const void *(*object)(size_t *size);
	const char *twin; /* what its array of the twin's program is called in struct loaded; NULL: it is a twin */
};

/* Adds an object to the list, whose descriptor is `fd`. 0, or -errno: that is none. */
int loaded_add(struct loaded *loaded, const char *name, int fd);

/* Loads it with the maps of *loaded, as far as it has them, and adds it to these, with its array. `shapes` is the path
 * of a file (shapes.h); `explains`: of a twin, it is to change nothing. 0 or -errno. */
int load_object(const struct load_program *program, const char *shapes, bool explains, struct loaded *loaded);

#endif

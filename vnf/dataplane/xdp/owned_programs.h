/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which packet programs are Sluice's. The kernel shows an attached program's id to all, but its name only to
 * CAP_SYS_ADMIN, which a daemon has not got: so each writes its program's id into a file, for the one that comes after
 * it. Ids are not given again until the machine boots, and the file is on a file system that does not outlive that.
 */
#ifndef SLUICE_DATAPLANE_OWNED_PROGRAMS_H
#define SLUICE_DATAPLANE_OWNED_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds the id. 0 or -errno. `file` may be NULL: nothing is kept. */
int owned_programs_add(const char *file, uint32_t id);

/* Is the program a Sluice's, by the file or by its name? `name` is its name, "" where that is not shown. */
bool owned_programs_has(const char *file, uint32_t id, char *name, size_t size);

#endif

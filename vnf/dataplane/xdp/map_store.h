/* SPDX-License-Identifier: Apache-2.0 */
/* Where maps wait for the next daemon: as pins in a directory of a BPF file system, or with systemd. */
#ifndef SLUICE_DATAPLANE_MAP_STORE_H
#define SLUICE_DATAPLANE_MAP_STORE_H

#include <stddef.h>

struct map_store {
	const char *directory; /* of the pins, this router's own; NULL: systemd keeps descriptors */
	/* Maps that the daemon before has handed over, by names with colons between: they are found before those in
	 * the store. NULL: none. */
	const char *handed_names;
	const int *handed;
	size_t handed_count;
};

/* The map of that name; the descriptor is the caller's. -ENOENT: there is none, or another -errno. */
int map_store_get(const struct map_store *store, const char *name);
/* Keeps it in the place of the one of that name, in one step where it is a pin. The directory is made where its parent
 * is there, or where only that is missing, too. 0 or -errno. */
int map_store_put(const struct map_store *store, const char *name, int fd);
void map_store_remove(const struct map_store *store, const char *name);

#endif

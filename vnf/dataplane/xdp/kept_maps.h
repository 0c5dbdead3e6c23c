/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What packets write outlives the daemon: the maps that are in no bank are left in a store, and the next daemon's
 * programs use them where it knows what is in them. A map of its own, left last, says whose they are.
 */
#ifndef SLUICE_DATAPLANE_KEPT_MAPS_H
#define SLUICE_DATAPLANE_KEPT_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/dataplane/xdp/load.h"
#include "vnf/dataplane/xdp/map_store.h"

#define KEPT_MAPS  12
#define KEPT_ABOUT "about" /* the map that says whose they are */
#define KEPT_MAGIC 0x31304b45455053ULL

/* The only element of KEPT_ABOUT. */
struct kept_about {
	uint64_t magic;
	uint64_t layout; /* kept_layout() */
	uint64_t build;	 /* load_build() */
	uint64_t since;	 /* when its counters began at zero: seconds since 1970 */
};

struct kept_maps {
	struct loaded found; /* those of the daemon before that fit, until kept_maps_take */
	int fd[KEPT_MAPS];   /* then those in use; -1: not yet */
	bool adopted[KEPT_MAPS];
	uint64_t since;
	bool left; /* they are in the store */
};

/* Tells apart what counters and the rest mean: the reasons' numbers, where counters begin, what records look like. */
uint64_t kept_layout(void);

void kept_maps_init(struct kept_maps *kept);
/* Looks for the maps of the daemon before; logs which do not fit, and why. */
void kept_maps_find(struct kept_maps *kept, const struct map_store *store, const struct dp_limits *limits,
		    uint32_t cpus);
/* Takes the maps that are in use from `loaded`, which was loaded with `found`. */
void kept_maps_take(struct kept_maps *kept, struct loaded *loaded);
/* The one in use of that name, which must be there; borrowed. */
int kept_maps_fd(const struct kept_maps *kept, const char *name);
/* Puts their descriptors, which stay this one's, into a list that has their names. */
void kept_maps_lend(const struct kept_maps *kept, struct loaded *loaded);
/* Is the map of that name the one of the daemon before? */
bool kept_maps_adopted(const struct kept_maps *kept, const char *name);
/* Leaves those in use to the next daemon, in the place of what is there. 0, or -errno and nothing can be found there.
 */
int kept_maps_leave(struct kept_maps *kept, const struct map_store *store);
/* The descriptors of those in use, and of KEPT_ABOUT, which comes first and is the caller's; their names, with colons
 * between. Returns their number or -errno. */
int kept_maps_hand(const struct kept_maps *kept, int fd[KEPT_MAPS + 1], char *names, size_t size);
/* Takes them out of the store, if they are there. */
void kept_maps_remove(struct kept_maps *kept, const struct map_store *store);
void kept_maps_close(struct kept_maps *kept);

#endif

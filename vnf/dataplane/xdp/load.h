/* SPDX-License-Identifier: Apache-2.0 */
/* The programs on their way into the kernel, and their maps: each is known by its name. */
#ifndef SLUICE_DATAPLANE_LOAD_H
#define SLUICE_DATAPLANE_LOAD_H

#include <stdint.h>

#include "vnf/dataplane/xdp/maps.h"

/* The programs, by their functions' names. */
#define LOADED_PROGRAMS 3
#define LOADED_ROUTER	"sluice_router"	 /* for XDP */
#define LOADED_TC	"sluice_tc"	 /* for the clsact qdisc, */
#define LOADED_ANSWERS	"sluice_answers" /* and behind it: what it owes answers for */

/* Their arrays of one entry, for the twins. */
#define LOADED_TWIN_ROUTER  "twin_xdp"
#define LOADED_TWIN_TC	    "twin_tc"
#define LOADED_TWIN_ANSWERS "twin_answers"

/* The twins (api/dp/observe.h) and what they have besides. */
#define LOADED_SEEN_ROUTER  "sluice_seen"
#define LOADED_SEEN_TC	    "sluice_seen_tc"
#define LOADED_SEEN_ANSWERS "sluice_seen_ans"
#define LOADED_OBSERVED	    "observed"	    /* struct dp_observed for each possible CPU */
#define LOADED_OBSERVING    "observing"	    /* struct dp_observing */
#define LOADED_RING	    "observed_ring" /* not of twins that explain */

#define LOADED_EXTRAS  3
#define LOADED_OBJECTS (LOADED_PROGRAMS + MAPS + LOADED_EXTRAS)

enum load_what {
	LOAD_ROUTER,
	LOAD_OBSERVER,	/* the twins, for packets on their way */
	LOAD_EXPLAINER, /* the twins, for packets that are only explained */
};

struct loaded_object {
	char name[MAPS_NAME];
	int fd; /* the holder's: loaded_close, or loaded_take */
};

struct loaded {
	uint32_t cpus;	/* that there can be */
	uint32_t count; /* of objects */
	struct loaded_object object[LOADED_OBJECTS];
};

/* Loads the programs, with maps as maps_sizes has them, both banks empty and generation 0; takes CAP_BPF, CAP_NET_ADMIN
 * and CAP_PERFMON. Of `adopted`, which may be NULL, they use the maps instead of new ones (duplicates of them), which
 * must fit; twins want all of the router's. 0, or -errno and has logged why, and there is nothing to close. */
int load_programs(enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
		  struct loaded *loaded);

/* The descriptor of what has this name; -1: nothing has. */
int loaded_fd(const struct loaded *loaded, const char *name);
/* The same, and it is the caller's to close from now on. */
int loaded_take(struct loaded *loaded, const char *name);

void loaded_close(struct loaded *loaded);

/* Is it all that load_programs gives, each once and of its type and size? What is mapped into memory is written to
 * without looking again. 0, or -EPROTO or another -errno and in *wrong the name of what is not right. */
int loaded_check(const struct loaded *loaded, enum load_what what, const struct dp_limits *limits, const char **wrong);

/* Is it a map that can be mapped, of that size? 0, -EPROTO, or another -errno. */
int load_check_map(int fd, const struct map_size *expected);

/* The processors that there can be, or -errno. */
int load_cpus(void);

/* Tells this build's programs and tables from those of others. */
uint64_t load_build(void);

#endif

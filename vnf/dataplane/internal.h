/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the dataplane room: the program that is loaded. */
#ifndef SLUICE_DATAPLANE_INTERNAL_H
#define SLUICE_DATAPLANE_INTERNAL_H

#include <stdbool.h>

#include "vnf/dataplane/dataplane.h"

struct loaded;
struct witnesses;

struct attachment {
	uint32_t ifindex;
	enum xdp_mode mode;
	char reason[160]; /* why not native */
};

struct dataplane {
	struct dp_state *state; /* mapped; NULL: not yet */
	struct bank bank[2];	/* its tables */
	struct dp_limits limits;
	int program;		     /* descriptor; -1: not yet */
	char *record;		     /* programs.h; NULL: none */
	bool remembered;	     /* there */
	struct dp_counter *counters; /* mapped: for each possible CPU a block of counter_count */
	uint32_t counter_count, cpus, max_routes;
	/* dataplane_wait_readers: */
	struct witnesses *witnesses;  /* NULL: only grace periods */
	int grace_outer, grace_inner; /* maps */
	bool slow_cpu_said;
	struct attachment *attachment;
	size_t attachments;
};

/* Makes ready what dataplane_wait_readers needs. 0 or -errno. */
int readers_open(struct dataplane *dataplane);
/* The generation was flipped: from now on the wait for readers may go on by itself. */
void readers_flipped(struct dataplane *dataplane);
void readers_close(struct dataplane *dataplane);

/* Maps the counters of a program that is loaded. 0 or -errno. */
int counters_map(struct dataplane *dataplane, const struct loaded *loaded);
void counters_unmap(struct dataplane *dataplane);

/* libbpf's words from now on go to the log, those of warning level into `text` instead where it is not NULL: the kernel
 * says only there why it refused. Per thread. */
void libbpf_words_to_log(void);
void libbpf_words_to(char *text, size_t size);

#endif

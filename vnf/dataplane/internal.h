/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the dataplane room: the loaded program. Only dataplane.c, attach.c, counters.c and readers.c include this. */
#ifndef SLUICE_DATAPLANE_INTERNAL_H
#define SLUICE_DATAPLANE_INTERNAL_H

#include <stdbool.h>

#include "vnf/dataplane/dataplane.h"

struct router_bpf;
struct witnesses;

struct attachment {
	uint32_t ifindex;
	enum xdp_mode mode;
	char reason[160]; /* why not native */
};

struct dataplane {
	struct router_bpf *skeleton;
	struct dp_state *state;	     /* the mapping of the program's .bss */
	int program;		     /* the skeleton's */
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

/* Sizes the counters by max_routes before the program is loaded, and maps them after. 0 or -errno. */
int counters_size(struct dataplane *dataplane);
int counters_map(struct dataplane *dataplane);
void counters_unmap(struct dataplane *dataplane);

/* libbpf's words from now on go to the log, those of warning level into `text` instead where it is not NULL: the kernel
 * says only there why it refused. Per thread. */
void libbpf_words_to_log(void);
void libbpf_words_to(char *text, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: what a source has become, from what was handed out. Of the mirror's thread. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_BATCH_H
#define SLUICE_SOURCES_BATCH_H

#include "vnf/sources/source.h"

struct batch {
	struct source_batch batch; /* the first, so that its pointer is the batch's */
	struct batch *next;	   /* among those that are done */
	struct source *source;
	size_t room;		  /* for changes */
	uint32_t now_us, hold_us; /* a prefix that died less than hold_us ago waits */
	uint32_t *before;	  /* of each change: the group that was handed out before; 0: none */
	bool programmed;
};

/* What of the source is dirty becomes a batch, which is then source->out: at most MIRROR_CHANGES, but for the first. A
 * prefix whose last route went less than `hold_ns` ago waits: another may be on its way, as IPv6's changes are a
 * removal and an addition. 0; *batch is NULL where there is nothing to hand out yet; -ENOMEM: all is as before. */
int batch_new(struct source *source, uint64_t now_ns, uint64_t hold_ns, struct batch **batch);

/* The receiver has taken it in, or (not programmed) nothing of it: it is dirty again. Frees it. */
void batch_end(struct source *source, struct batch *batch, bool programmed, uint64_t now_ns);
void batch_free(struct batch *batch);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshots that are alive: the newest, which readers find under RCU and pin, and older ones that somebody still
 * reads or whose memory has not been taken back. What a revision did away with hangs at the one before it and is freed
 * in order, on the control thread, when no one can see that or an older one any more.
 */
#ifndef SLUICE_CONTROL_HISTORY_H
#define SLUICE_CONTROL_HISTORY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/pmap.h"
#include "vnf/control/state/delta.h"
#include "vnf/control/state/snapshot.h"

struct handles;

struct snapshot {
	uint64_t revision;
	uint64_t number; /* each has another: what is learned changes within a revision */
	struct pmap map[RESOURCE_KINDS];
	uint32_t parts[RESOURCE_KINDS]; /* of kind_ops */
	size_t weight; /* bytes that all before it have held, by `bytes`; the difference of two is what lies between */
	atomic_uint pins;
	/* Control thread; once there is a newer one, whoever has this one pinned may read these two. */
	struct snapshot *newer;
	struct delta delta; /* from this to the newer one */
	/* Control thread only: */
	struct pmap_node *garbage; /* nodes that only this and older ones use */
	size_t bytes;		   /* about as many are only held for it and older ones */
	bool unseen;		   /* no reader can find it any more, though some may have pinned it */
};

struct history {
	struct handles *handles;
	_Atomic(struct snapshot *) newest;
	struct snapshot *oldest; /* the head of the list by `newer` */
	size_t held;		 /* changes of the revisions that are not the newest, and one for each */
	size_t bytes;		 /* that they hold, about */
};

/* With revision 0, which is empty. 0 or -ENOMEM. */
int history_init(struct history *history, struct handles *handles);
/* Nobody may have a pin. */
void history_clear(struct history *history);

/* Control thread: the newest. */
static inline struct snapshot *history_newest(const struct history *history)
{
	return atomic_load_explicit(&history->newest, memory_order_relaxed);
}

/* Control thread. Takes over all three; `garbage` as from pmap_edit_finish. */
void history_publish(struct history *history, struct snapshot *next, struct delta delta, struct pmap_node *garbage);

/* Control thread. Frees what can be; false: some revisions are still pinned, try again later. */
bool history_reclaim(struct history *history);

/* Any thread known to RCU: the newest, to be read until unpinned. */
const struct snapshot *history_pin(struct history *history);
void snapshot_pin_again(const struct snapshot *snapshot);
void snapshot_unpin(const struct snapshot *snapshot);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups of a source: sets of next hops, by content. A group lives for as long as a path of the kernel's leads to
 * it (live), or a route has been handed out with it (told). Internal to vnf/sources.
 */
#ifndef SLUICE_SOURCES_GROUP_SET_H
#define SLUICE_SOURCES_GROUP_SET_H

#include "vnf/sources/hop_list.h"
#include "vnf/sources/intern.h"

struct group {
	uint32_t live, told;
	uint32_t next_idle;
	bool idle;    /* in the list of those that may have no use */
	bool known;   /* the receiver has it */
	bool listed;  /* new in the batch that is out */
	bool leaving; /* gone with the batch that is out */
};

/* Zero-initialise. */
struct group_set {
	struct intern content;
	struct group *group; /* by number */
	uint32_t groups;     /* room */
	uint32_t idle;	     /* first of the list */
};

void group_set_end(struct group_set *set);

/* The number of the list's content, live once more; 0: out of memory. Orders the list. */
uint32_t group_set_take(struct group_set *set, struct hop_list *list);
void group_set_release(struct group_set *set, uint32_t number); /* live once less */

void group_set_tell(struct group_set *set, uint32_t number);
void group_set_untell(struct group_set *set, uint32_t number);

/* The next of the groups that have no use and that the receiver has, which are then `leaving`; others are freed on the
 * way. 0: none. */
uint32_t group_set_next_gone(struct group_set *set);
/* The receiver has dropped it, or hasn't and will be asked again. */
void group_set_gone(struct group_set *set, uint32_t number, bool dropped);
/* The receiver has it, or hasn't. */
void group_set_listed(struct group_set *set, uint32_t number, bool known);

/* The content; its hops are the set's and live as long as the group. */
struct source_group group_set_content(const struct group_set *set, uint32_t number);

#endif

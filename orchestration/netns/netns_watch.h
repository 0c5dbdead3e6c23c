/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of an instance's processes as events: none of them need be our child (pidfd_open(2)). */
#ifndef SLUICE_ORCHESTRATION_NETNS_WATCH_H
#define SLUICE_ORCHESTRATION_NETNS_WATCH_H

#include "orchestration/instance.h"

struct event_base;
struct netns_watch;

/* Adds the instance's processes to *list; those that are watched already are not watched twice. 0, or -1 and *error. */
int netns_watch_add(struct netns_watch **list, struct event_base *base, const struct instance *instance,
		    void (*died)(void *context), void *context, struct error *error);
void netns_watch_free(struct netns_watch *list); /* NULL is fine */

#endif

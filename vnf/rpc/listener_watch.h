/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks after the listeners: asks each every few seconds whether it answers, and opens one anew that does not, since a
 * socket's path may be removed and core may stop accepting. It also cuts connections whose clients have long stopped
 * reading. A thread of its own, in the network namespace of who made it.
 */
#ifndef SLUICE_RPC_LISTENER_WATCH_H
#define SLUICE_RPC_LISTENER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/core/error.h"

struct listener;
struct listener_watch;

/* Borrows them. It waits until it is started. NULL and *error: no thread, no memory. */
struct listener_watch *listener_watch_new(struct listener *listener, size_t count, struct error *error);
void listener_watch_start(struct listener_watch *watch);
/* When it returns, no listener changes any more: one may be on its way down. */
void listener_watch_stop(struct listener_watch *watch);
void listener_watch_free(struct listener_watch *watch); /* NULL is fine */

/* None has been dead for longer than it takes to open it anew. Any thread. */
bool listener_watch_is_well(const struct listener_watch *watch);

#endif

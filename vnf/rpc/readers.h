/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads on which reads run. A page of 10,000 routes takes some ten milliseconds to make: on the RPC threads, a
 * few clients that list kept the calls of all others waiting. They give way to the other threads where processors are
 * few.
 */
#ifndef SLUICE_RPC_READERS_H
#define SLUICE_RPC_READERS_H

#include "vnf/core/loop.h"

struct readers;

/* In the network namespace of who calls. NULL and *error (-errno). */
struct readers *readers_new(int *error);
/* Runs what was posted, then ends the threads. NULL is fine. */
void readers_free(struct readers *readers);

/* Any thread: run() is called on one of the threads, in the order of posting. */
void readers_post(struct readers *readers, struct loop_work *work);

#endif

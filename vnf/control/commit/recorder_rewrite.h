/* SPDX-License-Identifier: Apache-2.0 */
/* A new file for the journal, with the newest state as its snapshot. */
#ifndef SLUICE_CONTROL_RECORDER_REWRITE_H
#define SLUICE_CONTROL_RECORDER_REWRITE_H

#include "vnf/control/commit/recorder.h"

/* By a thread, beside commits; where it cannot be, the journal goes on growing. Nothing where one is under way. */
void recorder_rewrite_start(struct recorder *recorder);
/* By this thread, which waits for it. 0 or -errno. */
int recorder_rewrite_now(struct recorder *recorder);
/* Ends one that is under way, without effect. */
void recorder_rewrite_stop(struct recorder *recorder);

#endif

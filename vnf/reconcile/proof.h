/* SPDX-License-Identifier: Apache-2.0 */
/* What was taken up is proved before any port is given to it. Internal to reconciler.c. */
#ifndef SLUICE_RECONCILE_PROOF_H
#define SLUICE_RECONCILE_PROOF_H

#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/fib/fib.h"
#include "vnf/reconcile/reconciler.h"

/*
 * Both banks were made of the same state, one after the other, and nothing is pending: every table must be the same in
 * both, and every route of the delta must be found in both and say the same. Then the program is sent a frame by each
 * port that packets shall meet. 0, or -EBADMSG with *error: a fault of this program, or of the machine's memory.
 */
int proof_of_state(struct dataplane *dataplane, struct fib *const fib[2], const struct delta *delta,
		   struct error *error);

#endif

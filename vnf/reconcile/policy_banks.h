/* SPDX-License-Identifier: Apache-2.0 */
/* The policy engines of both banks, and how the idle one's follows. Internal to reconciler.c. */
#ifndef SLUICE_RECONCILE_POLICY_BANKS_H
#define SLUICE_RECONCILE_POLICY_BANKS_H

#include <stdbool.h>

struct dataplane;
struct policy;
struct tables;

struct policy_banks {
	struct dataplane *dataplane; /* borrowed */
	struct policy *policy[2];
	bool lost[2]; /* it is not what the other one is: to be filled anew */
};

/* 0 or -ENOMEM; in both cases to be closed. */
int policy_banks_open(struct policy_banks *banks, struct dataplane *dataplane);
void policy_banks_close(struct policy_banks *banks);

/* The idle bank's engine takes the changes of the last run, or all anew if it cannot. 0, or -errno: it is to be tried
 * again. */
int policy_banks_sync(struct policy_banks *banks, struct tables *tables, unsigned int idle);

#endif

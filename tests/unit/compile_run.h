/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of vnf/reconcile on their own, over a fake snapshot, kernel and dataplane: one bank, every row looked at.
 */
#ifndef SLUICE_TESTS_COMPILE_RUN_H
#define SLUICE_TESTS_COMPILE_RUN_H

#include "compile_fake.h"
#include "vnf/core/error.h"
#include "vnf/reconcile/tables.h"

/* The differences from one snapshot to another; free its entries. */
struct delta fake_delta(const struct snapshot *from, const struct snapshot *to);

struct fake_run {
	struct dataplane *dataplane;
	struct tables *tables;
	const struct bank *bank;
	struct fib *fib;
	struct policy *policy; /* the bank's */
	struct snapshot shown; /* by the bank */
	struct error error;    /* of the last run */
};

struct fake_run *fake_run_new(void);
void fake_run_free(struct fake_run *run);
/* Tables that know nothing of what is in the bank. */
void fake_run_forget(struct fake_run *run);
/* VRFs red and under, in the latter interface a on eth0, and beyond it the neighbours 192.0.2.1 and 192.0.2.2. */
void fake_put_underlay(struct snapshot *snapshot);
/* 0 or -errno. */
int fake_run(struct fake_run *run, const struct snapshot *snapshot);

#endif

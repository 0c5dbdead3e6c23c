/* SPDX-License-Identifier: Apache-2.0 */
/* Pools and members in the commit of the reconciler's fixture. */
#ifndef SLUICE_TESTS_POOLS_FIXTURE_H
#define SLUICE_TESTS_POOLS_FIXTURE_H

#include "reconciler_fixture.h"
#include "service_fake.h"

void sync_and_check(void); /* both banks are equal then */
void run_well(void);	   /* the same behind the commit, which does not fail */

/* Each member has an address of its own. What they return may be changed until the commit. */
struct member *put_member(const char *name, const char *of, uint16_t weight);
struct pool *put_pool(const char *name);

#endif

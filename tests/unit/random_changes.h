/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of the fixture's commit in the making, of all kinds and valid, and random events of the fake kernel.
 */
#ifndef SLUICE_TESTS_RANDOM_CHANGES_H
#define SLUICE_TESTS_RANDOM_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/control/kinds/resource.h"

void random_start(uint64_t seed); /* 0: the usual one */
unsigned int any(unsigned int below);

/* For kinds that have a file of their own. */
bool there_is(enum resource_kind kind, const char *text);
void put(struct resource *resource); /* unless the commit has changed it already */
void remove_unused(enum resource_kind kind, const char *text);

void change_policy(void); /* random_policy.c: rules and groups, on VRFs v0 to v3 */
void change_service(
	void); /* random_services.c: something of load balancers and what belongs to them, on VRFs v0 to v3 */

void change_candidate(
	void); /* random_candidates.c: what sources have learned, and what is protected, in VRFs v0 to v2 */
uint32_t route_id(unsigned int vrf, const char *prefix);

void add_first_resources(void); /* a commit */
void change_something(void);
void cause_event(void);

#endif

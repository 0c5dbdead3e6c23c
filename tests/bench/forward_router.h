/* SPDX-License-Identifier: Apache-2.0 */
/* Sluice's XDP program in the lab, its tables filled in by hand: no daemon takes part. */
#ifndef SLUICE_TESTS_BENCH_FORWARD_ROUTER_H
#define SLUICE_TESTS_BENCH_FORWARD_ROUTER_H

#include "tests/bench/forward_lab.h"
#include "tests/unit/internet.h"

#define VNI 100 /* of the VXLAN frames: they belong to VRF_FULL */

enum { VRF_FULL = 1, VRF_TEN, VRF_UNDERLAY, VRF_CHAINED }; /* the whole table, ten routes, VTEP, two stages on all */

struct dataplane;

struct dataplane *router_open(const struct lab *lab, const struct internet *internet);

/* Gives the lab's first port to the VRF. */
void router_enter(struct dataplane *router, const struct lab *lab, uint16_t vrf);

#endif

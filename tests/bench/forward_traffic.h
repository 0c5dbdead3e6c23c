/* SPDX-License-Identifier: Apache-2.0 */
/* Where the frames go: addresses drawn from the table. */
#ifndef SLUICE_TESTS_BENCH_FORWARD_TRAFFIC_H
#define SLUICE_TESTS_BENCH_FORWARD_TRAFFIC_H

#include "tests/unit/internet.h"

/* All fill TRAFFIC_ADDRESSES IPv4 addresses in network order. */

/* Each frame to another one: no route is met again before all others were. */
void traffic_draw_uniform(uint32_t *address, const struct internet *internet);

/* The same `count` ones again and again: the whole table, but little of it in use. */
void traffic_draw_few(uint32_t *address, const struct internet *internet, uint32_t count);

/* As popular as sites are: the address of rank k is met as often as 1/k says. */
void traffic_draw_zipf(uint32_t *address, const struct internet *internet);

#endif

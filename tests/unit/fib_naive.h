/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle: every prefix in one hash table, a lookup tries every length from the longest to the shortest. */
#ifndef SLUICE_TESTS_FIB_NAIVE_H
#define SLUICE_TESTS_FIB_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/dp/fib.h"
#include "vnf/core/address.h"

struct naive;

struct naive *naive_new(void);
void naive_free(struct naive *naive);
void naive_set(struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);
bool naive_unset(struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix);
bool naive_get(const struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf *leaf);
struct dp_fib_leaf naive_lookup(const struct naive *naive, uint16_t vrf, const struct ip_address *address);

#endif

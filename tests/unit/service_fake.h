/* SPDX-License-Identifier: Apache-2.0 */
/* Resources of services for compile_fake.h's snapshots. */
#ifndef SLUICE_TESTS_SERVICE_FAKE_H
#define SLUICE_TESTS_SERVICE_FAKE_H

#include "compile_fake.h"
#include "vnf/features/service/service.h"

struct resource *fake_balancer(const char *name, const char *vrf, const char *vip);
/* "pool" or "pool*per_mille", to NULL. */
struct resource *fake_listener(const char *name, const char *balancer, uint8_t protocol, uint16_t first, uint16_t last,
			       ...) __attribute__((sentinel));
/* With Maglev, and 60 seconds of the previous table. */
struct resource *fake_pool(const char *name, const char *vrf, bool direct);
/* ACTIVE, with a weight of 1. */
struct resource *fake_member(const char *name, const char *pool, const char *address, uint16_t port);

/* VRFs red and blue; in red load balancer lb at 10.0.0.1, its listener http at port 80, to 900/1000 to pool web of m1
 * and m2, and to pool far, which is direct. */
void fake_put_service(struct snapshot *snapshot);

/* The entry of a bank's hash table, as packets look for it by a key of so many 64-bit words; NULL: none. */
const void *fake_entry(const struct bank *bank, enum dp_table table, const void *key, unsigned int words);

#endif

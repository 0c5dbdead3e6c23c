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

#endif

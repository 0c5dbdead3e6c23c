/* SPDX-License-Identifier: Apache-2.0 */
/* The frames that the generator sends: IPv4 and UDP from 198.18.0.1, plain or from VTEP 172.16.0.2 to 172.16.0.1. */
#ifndef SLUICE_TESTS_BENCH_FORWARD_FRAMES_H
#define SLUICE_TESTS_BENCH_FORWARD_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/forward.h"

/* `length`: without the tunnel's headers; vni 0: no tunnel. src and dst: MAC addresses, inside a tunnel as well. */
struct traffic_frame traffic_frame(uint32_t length, uint8_t vni, const uint8_t *src, const uint8_t *dst);

/* Where the IPv4 header is whose destination varies. */
uint32_t traffic_ip_offset(bool tunnel);

#endif

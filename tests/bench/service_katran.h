/* SPDX-License-Identifier: Apache-2.0 */
/* Katran's balancer program, built from its own source outside this tree, with one VIP. */
#ifndef SLUICE_TESTS_BENCH_SERVICE_KATRAN_H
#define SLUICE_TESTS_BENCH_SERVICE_KATRAN_H

#include <stdint.h>

/* Returns the program's descriptor or -errno, said on stderr. `vip`, `backend`: network order; `port`: host order;
 * backends get equal parts of its ring. Packets leave in IPIP. */
int katran_open(const char *object, uint32_t vip, uint16_t port, const uint32_t *backend, uint32_t count);

#endif

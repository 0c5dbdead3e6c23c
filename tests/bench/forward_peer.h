/* SPDX-License-Identifier: Apache-2.0 */
/* The peer: xdp-forward of xdp-tools, which routes by the kernel's table in XDP. Its object file comes from outside. */
#ifndef SLUICE_TESTS_BENCH_FORWARD_PEER_H
#define SLUICE_TESTS_BENCH_FORWARD_PEER_H

#include "tests/bench/forward_lab.h"

/* Loads it from the object file and lets it send to the lab's devices: a descriptor; -1: `object` is NULL. */
int peer_open(const char *object, const struct lab *lab);

#endif

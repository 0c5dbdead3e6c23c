/* SPDX-License-Identifier: Apache-2.0 */
/* The sizes of tables, as libbpf tells them to the programs: enum dp_shape of a "kernel" with the true values. */
#ifndef SLUICE_DATAPLANE_SHAPES_H
#define SLUICE_DATAPLANE_SHAPES_H

#include <stdint.h>

#include "api/dp/limits.h"

/* A file in memory with the shapes. Its descriptor, or -errno. */
int shapes_write(const struct dp_limits *limits, uint32_t cpus);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_COMMIT_TIMES_H
#define SLUICE_CONTROL_COMMIT_TIMES_H

#include "vnf/core/histogram.h"

/* How long commits took, by what became of them. Any thread reads it. */
struct commit_times {
	struct histogram programmed, unchanged, refused;
};

#endif

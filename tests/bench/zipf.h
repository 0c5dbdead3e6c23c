/* SPDX-License-Identifier: Apache-2.0 */
/* Popularity of exponent 1: what has rank k comes as often as 1/k says. */
#ifndef SLUICE_TESTS_BENCH_ZIPF_H
#define SLUICE_TESTS_BENCH_ZIPF_H

#include <math.h>

#include "tests/unit/internet.h"

/* A rank from 0 to ranks - 1. */
static inline uint32_t zipf_rank(uint64_t *state, uint32_t ranks)
{
	/* The inverse of the distribution's continuous form: 1/x between 1 and the number of ranks. */
	double draw = (random_next(state) >> 11) * 0x1p-53;
	uint32_t rank = exp(draw * log(ranks + 1.0)) - 1;

	return rank < ranks ? rank : ranks - 1;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* bench_service_table. */
#ifndef SLUICE_TESTS_BENCH_SERVICE_TABLE_H
#define SLUICE_TESTS_BENCH_SERVICE_TABLE_H

#include <stdbool.h>

/* A line of JSON as tests/bench/run.sh reads it. */
void print_row(const char *name, double value, const char *unit);

/* Commits of one member and of one route beside so many services of ten members each, all in this process. */
void measure_commits(unsigned int services, unsigned int turns);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The lab that forward.sh makes: its namespaces, its devices, and the programs on them. */
#ifndef SLUICE_TESTS_BENCH_FORWARD_LAB_H
#define SLUICE_TESTS_BENCH_FORWARD_LAB_H

#include <stdint.h>

struct device {
	uint32_t index;
	uint8_t mac[6];
};

struct lab {
	struct device generator, in, out, taker;
	struct device stage[4], stage_peer[4]; /* two a stage: the router's side, the stage's */
};

/* What goes wrong here and in the rest of the bench ends it, with the reason on stderr. */
void fail(const char *what);

/* `prefix`: of the namespaces' names. */
void lab_find(struct lab *lab, const char *prefix);

/* This thread goes into the namespace "gen", "router", "sink" or "stages". */
void lab_enter(const char *name);

/* Native mode; `program` is a descriptor; -1: takes the device's program away. */
void lab_attach(const struct device *device, int program);

#endif

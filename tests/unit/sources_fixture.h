/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mirror in a network namespace of its own, a receiver of its batches, and the kernel's own word, by `ip -json`:
 *
 *   [ this namespace ]  va ---veth--- vb  [ this namespace, too ]
 *   10.0.0.1/24 fd00::1/64              10.1.0.1/24 fd01::1/64
 */
#ifndef SLUICE_TESTS_UNIT_SOURCES_FIXTURE_H
#define SLUICE_TESTS_UNIT_SOURCES_FIXTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/sources/mirror.h"

#define SOURCE 1

/* Makes the namespace and the links; call it once. */
int sources_namespace(void);
void __attribute__((format(printf, 1, 2))) run(const char *format, ...);

/* Starts a mirror with a receive buffer of so many bytes, 0: the usual, that follows a table; nothing is received yet.
 * `refuse`: so many batches are not taken in at first. */
void receiver_start(size_t buffer, uint32_t table);
extern unsigned int gather_ms; /* of mirrors that are started from now on; 0: the usual */
void receiver_follow(const struct source_config *config, size_t count);
void receiver_stop(void);
extern struct mirror *mirror;

/* What has been received, as text: a line a prefix, "PREFIX metric M proto P KIND ...". */
char *received_text(void);
/* The same from the kernel's table, of those that are not the kernel's own. The caller's to free. */
char *kernel_text(uint32_t table);
/* Waits until both are equal; fails the test, and prints the difference, if they aren't in 20 s. */
void wait_equal(uint32_t table);

/* The receiver refuses so many batches from now on. */
extern atomic_uint refuse;
extern atomic_uint batches, removals; /* received since receiver_start; removals are of prefixes */
size_t received_groups(void);
/* The last batch's change of the prefix, which must have been received: as it is now. */
const struct source_change *received(const char *prefix);
/* The group of the prefix's route, without hops if there is no such route: a copy, until the next call. */
const struct source_group *received_group(const char *prefix);
struct source_facts facts(void);

#define wait_for(condition)                                                                                            \
	do {                                                                                                           \
		unsigned int left = 20000;                                                                             \
		while (!(condition) && --left)                                                                         \
			usleep(1000);                                                                                  \
		if (!left)                                                                                             \
			fail_msg("in 20 s it did not come true: %s", #condition);                                      \
	} while (0)

#endif

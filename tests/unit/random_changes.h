/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of the fixture's commit in the making, of all kinds and valid, and random events of the fake kernel.
 */
#ifndef SLUICE_TESTS_RANDOM_CHANGES_H
#define SLUICE_TESTS_RANDOM_CHANGES_H

#include <stdint.h>

void random_start(uint64_t seed); /* 0: the usual one */
unsigned int any(unsigned int below);

void add_first_resources(void); /* a commit */
void change_something(void);
void cause_event(void);

#endif

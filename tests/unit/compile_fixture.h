/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up and tear-down of a test of the tables: `fake` shows nothing, `snapshot` is empty. */
#ifndef SLUICE_TESTS_COMPILE_FIXTURE_H
#define SLUICE_TESTS_COMPILE_FIXTURE_H

#include "compile_run.h"

extern struct fake_run *fake;
extern struct snapshot snapshot;

int fake_run_setup(void **state);
int fake_run_teardown(void **state);

#endif

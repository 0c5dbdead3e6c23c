/* SPDX-License-Identifier: Apache-2.0 */
/* The control fixture with a journal in a directory of the test's own. */
#ifndef SLUICE_TESTS_CONTROL_JOURNAL_FIXTURE_H
#define SLUICE_TESTS_CONTROL_JOURNAL_FIXTURE_H

#include "control_fixture.h"
#include "sluice/v1/change.pb-c.h"

extern struct fixture fixture;
extern char directory[64];
extern const char *const base[]; /* changes that make a resource of each kind */

int journal_set_up(void **state); /* a new directory, and a control plane with it */
int journal_tear_down(void **state);

void open_control(void); /* with what is in the directory */
void kill_control(void); /* as if by SIGKILL: nothing that it does from here on reaches the disk */
void restart(void);

/* Everything that a client sees, and the ids, which counters and tables are known by; free it. */
char *view(void);
void assert_same_view(char *before); /* frees it */

/* Applies as `owner`, with this durability. The error's code, or fails. */
enum error_code apply_as(const char *owner, Sluice__V1__Durability durability, const char *const *lines,
			 struct error *error);
void must_apply_as(const char *owner, Sluice__V1__Durability durability, const char *const *lines);

#endif

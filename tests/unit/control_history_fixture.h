/* SPDX-License-Identifier: Apache-2.0 */
/* The journal fixture with the calls about revisions. */
#ifndef SLUICE_TESTS_CONTROL_HISTORY_FIXTURE_H
#define SLUICE_TESTS_CONTROL_HISTORY_FIXTURE_H

#include "control_journal_fixture.h"

extern struct error last_error;
extern unsigned int fail_call_in; /* fail_in, for the calls below alone and not for their requests */
extern int64_t fake_time_ms;	  /* so far the wall clock is ahead */

/* With this in options.confirm_seconds. */
void must_confirm_later(const char *owner, uint32_t seconds, const char *const *lines);
enum error_code rollback_as(const char *owner, uint64_t revision, uint32_t confirm_seconds);
enum error_code confirm_as(const char *owner, uint64_t revision);
/* The owner's confirmation does not come in time. */
void let_time_run_out(const char *owner);

/* ListRevisions as lines, the newest first: "3 me +1 ~0 -2 committed"; free it. */
char *history_text(uint32_t page_size);
void assert_history(const char *expected);
void assert_pages(void); /* pages of one say the same as one page */
/* The newest revision says that this could not be undone. */
void assert_left(const char *text);

#endif

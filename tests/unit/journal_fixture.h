/* SPDX-License-Identifier: Apache-2.0 */
/* A journal in a directory of the test's own, and short ways to write and read it. */
#ifndef SLUICE_TESTS_JOURNAL_FIXTURE_H
#define SLUICE_TESTS_JOURNAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vnf/control/store/journal.h"

extern char journal_directory[64], journal_file[96];

/* A directory that is empty, and the end of it with all that is inside. */
void journal_directory_make(void);
void journal_directory_remove(void);

/* Opens it; NULL and the error. The content goes, but for what *text gets of it, "key=value,owner,id,revision " for
 * each key in order; free it. text may be NULL. */
struct journal *journal_reopen(uint64_t *revision, char **text, struct error *error);
struct journal *journal_must_open(uint64_t revision, const char *text);

/* A change: "key=value" or "key" alone, which deletes it. The id is the value's length. */
void journal_change(struct record_writer *writer, const char *change, uint64_t revision);
/* One group of a change. */
int journal_write(struct journal *journal, const char *change, uint64_t revision, bool durable);

/* The whole file, and the file made this; free it. */
uint8_t *file_read(size_t *size);
void file_write(const void *bytes, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that two texts share, and those that they do not. */
#ifndef SLUICE_CTL_LINE_DIFF_H
#define SLUICE_CTL_LINE_DIFF_H

#include <stddef.h>

/* Calls `line` for each line of the merged text in order: sign ' ' in both, '-' only in before, '+' only in after. The
 * text is not terminated. 0, or -1: out of memory. */
int line_diff(const char *before, const char *after,
	      void (*line)(char sign, const char *text, size_t length, void *context), void *context);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_TESTS_WANTS_LONG_H
#define SLUICE_TESTS_WANTS_LONG_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Is the form wanted that takes minutes? SLUICE_LONG=1 says so, or the first argument --long. */
static inline bool wants_long(int argc, char **argv)
{
	const char *wanted = getenv("SLUICE_LONG");

	return (wanted && *wanted) || (argc > 1 && strcmp(argv[1], "--long") == 0);
}

#endif

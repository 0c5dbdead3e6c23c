/* SPDX-License-Identifier: Apache-2.0 */
/* The errors of a request, as its caller gets them: a code, and faults with the paths of their fields. */
#ifndef SLUICE_CORE_ERROR_H
#define SLUICE_CORE_ERROR_H

#include <stddef.h>

/* These are the numbers of the gRPC status codes. */
enum error_code {
	ERROR_NONE = 0,
	ERROR_CANCELLED = 1,
	ERROR_INVALID_ARGUMENT = 3,
	ERROR_DEADLINE_EXCEEDED = 4,
	ERROR_NOT_FOUND = 5,
	ERROR_ALREADY_EXISTS = 6,
	ERROR_PERMISSION_DENIED = 7,
	ERROR_RESOURCE_EXHAUSTED = 8,
	ERROR_FAILED_PRECONDITION = 9,
	ERROR_ABORTED = 10,
	ERROR_OUT_OF_RANGE = 11,
	ERROR_UNIMPLEMENTED = 12,
	ERROR_INTERNAL = 13,
	ERROR_UNAVAILABLE = 14,
};

#define ERROR_FAULTS 16

struct fault {
	char field[192];   /* path from the request, such as "changes[3].resource.route.prefix"; may be empty */
	char message[320]; /* the mistake, and its remedy */
};

/* Zero-initialise. The code is the first fault's; faults beyond the sixteenth are only counted. */
struct error {
	enum error_code code;
	size_t count;
	struct fault fault[ERROR_FAULTS];
};

/* Adds a fault. `field` may be NULL or "". Never fails; over-long texts are cut at a character, and what may not be
 * shown (text.h) is replaced: the texts quote what clients sent. */
void error_add(struct error *error, enum error_code code, const char *field, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds the fault of an allocation that failed, "out of memory: CONSEQUENCE"; NULL: without one. */
void error_no_memory(struct error *error, const char *consequence);

/* The name of the code, such as "INVALID_ARGUMENT". */
const char *error_code_name(enum error_code code);

#endif

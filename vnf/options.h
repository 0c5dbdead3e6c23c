/* SPDX-License-Identifier: Apache-2.0 */
/* sluiced's command line. */
#ifndef SLUICE_OPTIONS_H
#define SLUICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/log.h"

#define OPTIONS_LISTEN	       8
#define OPTIONS_DEFAULT_LISTEN "unix:/run/sluice/sluice.sock"

struct options {
	const char *listen[OPTIONS_LISTEN + 1]; /* ends with NULL */
	bool insecure;
	bool check_only;     /* -n */
	uint32_t max_routes; /* 0: the dataplane's default */
	enum log_level log_level;
	enum log_format log_format;
};

/* What main should do with the command line. */
enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was asked for and printed */
	OPTIONS_WRONG, /* said on stderr what is wrong and how to go on */
};

enum options_result options_parse(struct options *options, int argc, char **argv);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The options of sluice-orch: one table, which the command line, its help and its completion read. */
#ifndef SLUICE_ORCHESTRATION_OPTIONS_H
#define SLUICE_ORCHESTRATION_OPTIONS_H

#include <stdbool.h>

#include "vnf/ctl/cli.h"

/* Exit codes. */
enum {
	DONE = CLI_DONE,
	NOT_READY = 1, /* status: something is not as it shall be */
	FAILED = CLI_FAILED,
};

/* The options that a command takes beside those of all commands. */
enum {
	TAKES_SPEC = 1 << 0,	/* -f */
	TAKES_CONNECT = 1 << 1, /* --connect */
	TAKES_OUTPUT = 1 << 2,	/* -o */
	TAKES_IMAGE = 1 << 3,	/* --image */
	TAKES_ONCE = 1 << 4,	/* --once */
	TAKES_REPLICA = 1 << 5, /* --replica */
};

struct options {
	const char *spec, *connect, *image;
	bool json, once, check;
	unsigned int replica;
};

extern const struct cli_option options_table[];

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: options may stand anywhere, each command says which it takes. */
#ifndef SLUICE_ORCHESTRATION_OPTIONS_H
#define SLUICE_ORCHESTRATION_OPTIONS_H

#include <stdbool.h>

/* Exit codes. */
enum {
	DONE = 0,
	NOT_READY = 1, /* status: something is not as it shall be */
	FAILED = 2,    /* wrong use, wrong spec, or it could not be done */
};

/* What a command takes beyond what all take. */
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
	bool json, once, check, help;
	unsigned int replica;
	unsigned int given; /* TAKES_* */
	char **arguments;   /* the command and what follows */
	int argument_count;
};

/* 0, or -1 and a line on stderr. */
int options_parse(struct options *options, int argc, char **argv);

/* Is every option that was given one that the command takes? Otherwise -1 and a line on stderr. */
int options_check(const struct options *options, unsigned int takes, const char *command);

#endif

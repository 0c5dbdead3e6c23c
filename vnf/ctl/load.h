/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load and replace: a table of any size on its way into one commit. The file is read, and its changes are sent, a
 * portion at a time; neither end ever holds more than a few portions of messages.
 */
#ifndef SLUICE_CTL_LOAD_H
#define SLUICE_CTL_LOAD_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "vnf/ctl/changes.h"
#include "vnf/ctl/session.h"

#define LOAD_PORTION 4096 /* changes a message */

/* --- load_input.c: the file --- */

struct load_input;

/* A path, or "-"; gzip is recognised. NULL: a line on stderr has said why. */
struct load_input *load_input_open(const char *name);
void load_input_close(struct load_input *input); /* NULL is fine */
FILE *load_input_stream(struct load_input *input);
/* Does the file begin with a prefix, as lists do and YAML never does? */
bool load_input_is_list(const struct load_input *input);
/* The share of the file that has been read, 0 to 1; negative: its size is not known. */
double load_input_share(const struct load_input *input);
/* The error met while reading; NULL: none. */
const char *load_input_error(const struct load_input *input);

/* --- load_progress.c: how far it is --- */

struct load_progress {
	bool terminal;
	struct timespec start, shown;
};

void load_progress_begin(struct load_progress *progress);
/* A line on stderr now and then: on a terminal always the same one. */
void load_progress_show(struct load_progress *progress, uint64_t changes, double share);
void load_progress_end(struct load_progress *progress);
double load_seconds_since(const struct timespec *start);

/* --- load_stage.c: the transaction --- */

struct load {
	struct session *session;
	const char *file;
	struct load_input *input;
	struct load_progress progress;
	bool replaces;	   /* by ReplaceOwned, not in a transaction */
	char *transaction; /* NULL: none is open */
	struct rpc_stream *stream;
	size_t in_stream; /* changes that it has taken */
	size_t sent;
	uint64_t staged; /* as the server counts */
	uint32_t *line;	 /* of every change sent */
	size_t lines;
};

/* These return DONE, or an exit code after the faults were printed. */
int load_begin(struct load *load);
/* Sends all of the file's changes. */
int load_file(struct load *load);
int load_send(struct load *load, Sluice__V1__Change **change, const uint32_t *line, size_t count);
int load_commit(struct load *load);
/* Prints the faults, with the lines of their changes; the exit code. */
int load_report(const struct load *load, const struct error *error);
/* Aborts a transaction that was not committed, and frees. */
void load_end(struct load *load);

/* --- replace.c: the stream of ReplaceOwned --- */

int replace_send(struct load *load, Sluice__V1__Change **change, size_t count);

/* --- load_list.c: "PREFIX" or "PREFIX NEXT-HOP-GROUP" a line --- */

int load_list(struct load *load);

#endif

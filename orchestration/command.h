/* SPDX-License-Identifier: Apache-2.0 */
/* Runs other programs to their end: ip(8), nft(8), genisoimage(1), a stage's setup. */
#ifndef SLUICE_ORCHESTRATION_COMMAND_H
#define SLUICE_ORCHESTRATION_COMMAND_H

#include <stddef.h>

#include "vnf/core/error.h"

#define COMMAND_SECONDS 30

/* Runs a program in the calling thread's network namespace. `input` is its standard input, or NULL; it runs in
 * `folder`, or here if that is NULL; `output` gets its output, to be freed, or is NULL. 0, or -1 and a fault that
 * ends with its last line. */
int command_run(const char *const argv[], const char *folder, const char *input, char **output, struct error *error);

/* Does the same; files that the program makes are for their owner alone. */
int command_run_private(const char *const argv[], const char *folder, struct error *error);

/* Is it on PATH, or an executable file? */
int command_exists(const char *name, const char *folder);

#endif

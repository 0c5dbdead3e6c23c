/* SPDX-License-Identifier: Apache-2.0 */
/* Other programs that are run to their end: ip(8), nft(8), genisoimage(1), a stage's setup. */
#ifndef SLUICE_ORCHESTRATION_COMMAND_H
#define SLUICE_ORCHESTRATION_COMMAND_H

#include <stddef.h>

#include "vnf/core/error.h"

#define COMMAND_SECONDS 30

/* Of the calling thread's network namespace. `input` is its standard input, or NULL; `folder` where it runs, or NULL;
 * `output` gets what it printed, to be freed, or is NULL. 0, or -1 and a fault with the end of its words. */
int command_run(const char *const argv[], const char *folder, const char *input, char **output, struct error *error);

/* The same; files that it makes are for their owner alone. */
int command_run_private(const char *const argv[], const char *folder, struct error *error);

/* Is it on PATH, or an executable file? */
int command_exists(const char *name, const char *folder);

#endif

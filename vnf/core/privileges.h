/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities that only the start takes, such as CAP_PERFMON, without which the verifier takes no packet pointer with
 * a variable offset, and CAP_SYS_ADMIN, to enter a network namespace; and all those that root has and nobody needs. */
#ifndef SLUICE_CORE_PRIVILEGES_H
#define SLUICE_CORE_PRIVILEGES_H

#include <stddef.h>

/* First of all: makes effective what the process is permitted. A file's capabilities may be of the second kind only, so
 * that the file is executed, too, where not all of them are granted. */
void privileges_raise(void);

#define PRIVILEGES_WHY 320

/* Which capabilities to load packet programs are missing, and what there is to do; NULL: none. */
const char *privileges_missing(char text[PRIVILEGES_WHY]);

/* Why the kernel refuses that to somebody who has them. */
const char *privileges_refused(void);

/* Gives up all but those that the daemon needs while it runs (privileges.c has them), for good, for this thread and
 * those that it starts from now on; threads that run already keep theirs. A failure is only logged: the daemon works as
 * well with them. */
void privileges_drop(void);

/* The same of a process that does nothing but load packet programs. */
void privileges_drop_to_load(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities that only the start takes, such as CAP_PERFMON, without which the verifier takes no packet pointer with
 * a variable offset, and CAP_SYS_ADMIN, to enter a network namespace; and all those that root has and nobody needs. */
#ifndef SLUICE_CORE_PRIVILEGES_H
#define SLUICE_CORE_PRIVILEGES_H

/* Gives up all but those that the daemon needs while it runs (privileges.c has them), for good, for this thread and
 * those that it starts from now on; threads that run already keep theirs. A failure is only logged: the daemon works as
 * well with them. */
void privileges_drop(void);

/* The same of a process that does nothing but load packet programs. */
void privileges_drop_to_load(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities that only the start takes: CAP_PERFMON, without which the verifier takes no packet pointer with a
 * variable offset, and CAP_SYS_ADMIN, to enter a network namespace. */
#ifndef SLUICE_CORE_PRIVILEGES_H
#define SLUICE_CORE_PRIVILEGES_H

/* Gives them up, for good, for this thread and those that it starts from now on; threads that run already keep theirs.
 * A failure is only logged: the daemon works as well with them. */
void privileges_drop(void);

#endif

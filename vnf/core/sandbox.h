/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that the daemon has no use for once it serves: a client that makes it run code of its own finds none of
 * them. */
#ifndef SLUICE_CORE_SANDBOX_H
#define SLUICE_CORE_SANDBOX_H

/* Refuses them from now on, for all threads, for good, with EPERM. A failure is only logged: the service's unit has a
 * filter of its own. */
void sandbox_enter(void);

#endif

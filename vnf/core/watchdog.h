/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the service manager that the loop runs, as often as it wants to hear it: WatchdogSec=, sd_watchdog_enabled(3).
 */
#ifndef SLUICE_CORE_WATCHDOG_H
#define SLUICE_CORE_WATCHDOG_H

struct loop;
struct watchdog;

/* NULL where nobody wants to hear it: *error is 0; or out of memory: -ENOMEM. */
struct watchdog *watchdog_new(struct loop *loop, int *error);
void watchdog_free(struct watchdog *watchdog); /* NULL is fine */

#endif

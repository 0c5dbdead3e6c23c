/* SPDX-License-Identifier: Apache-2.0 */
/* Reports to the service manager that the loop runs, as often as WatchdogSec= asks for it: sd_watchdog_enabled(3).
 */
#ifndef SLUICE_CORE_WATCHDOG_H
#define SLUICE_CORE_WATCHDOG_H

#include <stdbool.h>

struct loop;
struct watchdog;

/* Reports while `well` says so: what only another process mends ends this one. NULL: no report is wanted, and *error is
 * 0; or out of memory, -ENOMEM. */
struct watchdog *watchdog_new(struct loop *loop, bool (*well)(void *context), void *context, int *error);
void watchdog_free(struct watchdog *watchdog); /* NULL is fine */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* SIGINT and SIGTERM ask to stop; a command then removes all that it has half made before it ends. */
#ifndef SLUICE_ORCHESTRATION_INTERRUPT_H
#define SLUICE_ORCHESTRATION_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
bool interrupted(void);
void interrupt_forget(void); /* so that the removal itself is not interrupted */

/* Sleeps, less when interrupted. */
void interrupt_sleep(unsigned int ms);

#endif

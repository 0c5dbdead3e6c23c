/* SPDX-License-Identifier: Apache-2.0 */
/* SIGINT and SIGTERM ask to stop: what is half made is taken away before the program ends. */
#ifndef SLUICE_ORCHESTRATION_INTERRUPT_H
#define SLUICE_ORCHESTRATION_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
bool interrupted(void);
void interrupt_forget(void); /* so that what is half made can be taken away */

/* Sleeps, less when interrupted. */
void interrupt_sleep(unsigned int ms);

#endif

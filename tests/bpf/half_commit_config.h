/* SPDX-License-Identifier: Apache-2.0 */
/* What half_commit.c's router is told. */
#ifndef SLUICE_TESTS_BPF_HALF_COMMIT_CONFIG_H
#define SLUICE_TESTS_BPF_HALF_COMMIT_CONFIG_H

#include "sluice/v1/config_service.pb-c.h"

/* Requests as a client would send them; free them with message_free. Out of memory, they stop the program. */
Sluice__V1__ApplyChangesRequest *config_first(void);
/* `number` 1 .. 255: everything that packets carry, changed to that number. */
Sluice__V1__ApplyChangesRequest *config_change(unsigned int number);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_WHO_AM_I_H
#define SLUICE_RPC_WHO_AM_I_H

#include "sluice/v1/system_service.pb-c.h"
#include "vnf/access/access.h"

/* Adds what GetSystem shows of the policy, if there is one; a fault where there is no memory. */
void system_add_access(struct access *access, Sluice__V1__GetSystemResponse *response, struct error *error);

#endif

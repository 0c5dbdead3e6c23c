/* SPDX-License-Identifier: Apache-2.0 */
/* --rehearse: what would become of packets. */
#ifndef SLUICE_CTL_REHEARSAL_H
#define SLUICE_CTL_REHEARSAL_H

#include "sluice/v1/change.pb-c.h"
#include "vnf/ctl/session.h"

/* Fills the message, and returns it; NULL: the options ask for none. */
Sluice__V1__Rehearsal *rehearsal_wished(const struct session *session, Sluice__V1__Rehearsal *message);

/* As a table. DONE, or an exit code. */
int rehearsal_print(const struct session *session, const Sluice__V1__RehearsalResult *result);

#endif

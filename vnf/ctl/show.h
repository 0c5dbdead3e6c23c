/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of show that are not about resources. They return the exit code. */
#ifndef SLUICE_CTL_SHOW_H
#define SLUICE_CTL_SHOW_H

#include "vnf/ctl/session.h"

int show_verdicts(struct session *session, bool only_drops);
int show_verdict_counts(struct session *session); /* by revision */
int show_ports(struct session *session);
int show_limits(struct session *session);

#endif

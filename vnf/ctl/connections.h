/* SPDX-License-Identifier: Apache-2.0 */
/* show connections, delete connections. They return the exit code. */
#ifndef SLUICE_CTL_CONNECTIONS_H
#define SLUICE_CTL_CONNECTIONS_H

#include "vnf/ctl/session.h"

#define CONNECTIONS_WORD "connections"

/* Are none of the options given that only connections take? Else a line on stderr. */
bool connections_check_others(const struct options *options);

int show_connections(struct session *session);
int delete_connections(struct session *session);

#endif

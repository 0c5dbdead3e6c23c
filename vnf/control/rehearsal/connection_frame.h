/* SPDX-License-Identifier: Apache-2.0 */
/* The next packet of a connection, as who began it would send it. */
#ifndef SLUICE_CONTROL_REHEARSAL_CONNECTION_FRAME_H
#define SLUICE_CONTROL_REHEARSAL_CONNECTION_FRAME_H

#include "vnf/control/seen/frame.h"

struct connection;

/* An acknowledgement of TCP, an empty datagram of UDP, an echo request, or nothing but the IP header; from no station
 * to none. */
void connection_frame(const struct connection *connection, struct frame *frame);

#endif

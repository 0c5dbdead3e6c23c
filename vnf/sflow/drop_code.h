/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_SFLOW_DROP_CODE_H
#define SLUICE_SFLOW_DROP_CODE_H

#include <stdint.h>

#include "api/dp/reason.h"

/* The code of sFlow for a packet that was dropped for this reason: to 255 those of ICMP's destination unreachable (RFC
 * 792, RFC 1812 5.2.7.1), from 256 on those of "sFlow Version 5" and "sFlow Dropped Packet Notification Structures".
 * 256, unknown, where none of them says it. */
uint32_t sflow_drop_code(enum dp_reason reason);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A control plane for sluicectl to talk to: keeps what it is told, checks next to nothing, has made-up counters. */
#ifndef TESTS_UNIT_CTL_FAKE_H
#define TESTS_UNIT_CTL_FAKE_H

#include "vnf/control/control.h"

/* A VRF named "bad" is refused; interfaces are never programmed; pages hold at most 700 resources. */
struct control *fake_control_new(void);
void fake_control_free(struct control *control);

#endif

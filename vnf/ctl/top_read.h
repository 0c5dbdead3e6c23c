/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CTL_TOP_READ_H
#define SLUICE_CTL_TOP_READ_H

#include "vnf/ctl/session.h"
#include "vnf/ctl/top/sample.h"

/* Asks the router for all that top shows. 0, or -1 with *error and the sample empty; top_sample_clear() it. */
int top_read(struct session *session, struct top_sample *sample, struct error *error);

#endif

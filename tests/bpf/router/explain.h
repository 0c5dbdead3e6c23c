/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every packet of the rig is explained before it is run: what is explained must come true, and nothing that packets or
 * the daemon read may have changed by it.
 */
#ifndef SLUICE_TESTS_BPF_ROUTER_EXPLAIN_H
#define SLUICE_TESTS_BPF_ROUTER_EXPLAIN_H

#include "tests/bpf/router/rig.h"

struct dataplane;
struct observer;

/* In small tables it is looked at what explaining may have changed. 0, or -ENOMEM. */
int explain_open(struct dataplane *dataplane, bool small);
void explain_close(void);
struct observer *explain_observer(void);

/* Explains a packet that is about to come in; what the rig then makes of it is compared: with its frame, or without. */
void explain_packet(const struct frame *in, enum rig_context context);
void explain_compare(int reason, const struct frame *out);

#endif

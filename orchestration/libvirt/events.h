/* SPDX-License-Identifier: Apache-2.0 */
/* libvirt's event loop on libevent (virEventRegisterImpl): its sockets and timers are events of a base of ours. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_EVENTS_H
#define SLUICE_ORCHESTRATION_LIBVIRT_EVENTS_H

struct event_base;

/* Called before the first connection is opened, once in the program; the base must outlive every connection. */
void events_register(struct event_base *base);

/* Called after the last connection is closed. */
void events_forget(void);

#endif

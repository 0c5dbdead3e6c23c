/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections that core has accepted. Core has no limit on them, hides their descriptors, and stops listening for
 * good when accept(2) fails for want of a descriptor (CVE-2023-4785). So this file has the process's accept4, by which
 * core gets its connections: who is one too many is closed at once, and core never sees accept fail. Any thread.
 */
#ifndef SLUICE_RPC_CONNECTIONS_H
#define SLUICE_RPC_CONNECTIONS_H

#include <stddef.h>

#define CONNECTIONS_MOST	2048 /* of all listeners */
#define CONNECTIONS_OF_LISTENER 1536
#define CONNECTIONS_OF_PEER	1024 /* an IPv4 address, an IPv6 network of 64 bits, a process on the unix socket */
#define CONNECTIONS_RESERVE	64   /* descriptors that are left for everything else */

/* Guards what is accepted from here on, until as many calls of connections_end. Connections to `relayed` (a path, or
 * NULL) are one process's for many peers, so they are not counted by peer. */
void connections_begin(const char *relayed);
void connections_end(void);

/* Those that live; that were refused since the start. */
size_t connections_count(void);
unsigned long connections_refused(void);

/* Ends those whose clients have read nothing of what waits for them for CONNECTIONS_UNREAD_MS: core holds what it has
 * to send, and its keepalive waits behind that. To be called every few seconds. */
void connections_cut_unread(void);
#define CONNECTIONS_UNREAD_MS 40000

/* Ends them all, at the socket: core itself waits for ever for a client that does not read. */
void connections_shut_down(void);

#endif

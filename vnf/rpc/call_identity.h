/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on the other end of a call. */
#ifndef SLUICE_RPC_CALL_IDENTITY_H
#define SLUICE_RPC_CALL_IDENTITY_H

#include <grpc/grpc.h>

#include "vnf/access/identity.h"

/*
 * `peer` is grpc_call_get_peer's. Connections of unix sockets are given to core as descriptors (listen_unix.h), and
 * core's name of such a peer is "fd:NUMBER". It closes the descriptor only after the connection's last call was
 * destroyed: as long as the caller has the call, the number is that connection's.
 */
void call_identity(grpc_call *call, const char *peer, struct identity *identity);

#endif

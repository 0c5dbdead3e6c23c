/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a call's row in the table of methods that the server was given. */
#ifndef SLUICE_RPC_METHODS_H
#define SLUICE_RPC_METHODS_H

#include <grpc/slice.h>

#include "vnf/rpc/handler.h"

/* Checks that every method of every service in the table has a row with a handler, and a loop where it needs one, so
 * that a mistake shows at the start and not at the first call. 0, or -1 and *error. */
int methods_check(const struct rpc_dispatch *dispatch, struct error *error);

/* The row of a path "/package.Service/Method"; NULL: there is none. */
const struct rpc_method *methods_find(const struct rpc_method *methods, grpc_slice path);

#endif

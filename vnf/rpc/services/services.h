/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of a server. Handlers of some methods run on the control thread and answer from there, so the loop must
 * run until rpc_server_stop has returned: stop the server from another thread, and the loop after it.
 */
#ifndef SLUICE_RPC_SERVICES_H
#define SLUICE_RPC_SERVICES_H

#include "vnf/rpc/services/context.h"

/* Every method that sluiced serves; an RPC is a row here and its handler. */
extern const struct rpc_method services_table[];

/* `control` may be set later, `access` before services_dispatch; the table is borrowed. 0 or -ENOMEM. */
int services_init(struct services_context *context, const struct rpc_method *methods);
void services_clear(struct services_context *context); /* after the server; zeroed is fine */

/* Health tells whether writes are taken. `context` is a struct services_context; any thread. */
void services_set_writable(void *context, bool writable);

/* The argument of rpc_server_new. `loop` NULL: no method of the table runs on the control thread. */
struct rpc_dispatch services_dispatch(struct services_context *context, struct loop *loop);

#endif

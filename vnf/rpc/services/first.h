/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What messages need before the control thread has them (vnf/rpc/handler.h): whoever explains, or rehearses, has what
 * it takes loaded when it is asked for the first time, which is a second or two.
 */
#ifndef SLUICE_RPC_SERVICES_FIRST_H
#define SLUICE_RPC_SERVICES_FIRST_H

#include "vnf/rpc/handler.h"

rpc_first *first_of_explain(void *context, const ProtobufCMessage *request);
rpc_first *first_of_write(void *context, const ProtobufCMessage *request); /* any of ConfigService */

#endif

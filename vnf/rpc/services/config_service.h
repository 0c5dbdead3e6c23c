/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of sluice.v1.ConfigService. */
#ifndef SLUICE_RPC_CONFIG_SERVICE_H
#define SLUICE_RPC_CONFIG_SERVICE_H

#include "vnf/rpc/services/context.h"

rpc_handle config_apply, config_stage, config_commit, config_rollback, config_replace_owned, config_write_stream;
rpc_answer config_begin, config_validate, config_abort, config_confirm;

#endif

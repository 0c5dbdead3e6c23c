/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "sluice/v1/balancer_service.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"
#include "sluice/v1/connection_service.pb-c.h"
#include "sluice/v1/diagnostics_service.pb-c.h"
#include "sluice/v1/health_service.pb-c.h"
#include "sluice/v1/history_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "sluice/v1/watch_service.pb-c.h"
#include "vnf/rpc/services/balancer.h"
#include "vnf/rpc/services/config_service.h"
#include "vnf/rpc/services/connection_service.h"
#include "vnf/rpc/services/diagnostics.h"
#include "vnf/rpc/services/first.h"
#include "vnf/rpc/services/health.h"
#include "vnf/rpc/services/history_service.h"
#include "vnf/rpc/services/monitor.h"
#include "vnf/rpc/services/reflection.h"
#include "vnf/rpc/services/services.h"
#include "vnf/rpc/services/state_service.h"
#include "vnf/rpc/services/system_service.h"
#include "vnf/rpc/services/watch.h"

#define CONFIG	   (&sluice__v1__config_service__descriptor)
#define STATE	   (&sluice__v1__state_service__descriptor)
#define SYSTEM	   (&sluice__v1__system_service__descriptor)
#define HISTORY	   (&sluice__v1__history_service__descriptor)
#define CONNECTION (&sluice__v1__connection_service__descriptor)
#define BALANCER   (&sluice__v1__balancer_service__descriptor)
#define DIAGNOSE   (&sluice__v1__diagnostics_service__descriptor)
#define MONITOR	   (&sluice__v1__health_service__descriptor)
#define WATCH	   (&sluice__v1__watch_service__descriptor)
#define HEALTH	   (&grpc__health__v1__health__descriptor)
#define REFLECTION (&grpc__reflection__v1__server_reflection__descriptor)
#define V1ALPHA	   (&reflection_v1alpha_descriptor)

#define ONE    RPC_UNARY
#define TO     RPC_CLIENT_STREAM
#define FROM   RPC_SERVER_STREAM
#define BOTH   RPC_BIDI
#define HERE   RPC_ON_RPC_THREAD /* takes no time */
#define READ   RPC_ON_READER
#define WRITE  RPC_ON_CONTROL_THREAD
#define SMALL  ((size_t)64 << 10) /* holds a few names */
#define STREAM ((size_t)1 << 20)  /* held by streams whose answers nobody reads */
#define SERVER 0		  /* the server's limit */

/* clang-format off */
const struct rpc_method services_table[] = {
	/* service   method                messages where request  handler */
	{CONFIG,     "ApplyChanges",         ONE,  WRITE, SERVER, .handle = config_apply, .first = first_of_write},
	{CONFIG,     "BeginTransaction",     ONE,  WRITE, SMALL,  .answer = config_begin, .first = first_of_write},
	{CONFIG,     "StageChanges",         TO,   WRITE, SERVER, .handle = config_stage},
	{CONFIG,     "ValidateTransaction",  ONE,  WRITE, SMALL,  .answer = config_validate, .first = first_of_write},
	{CONFIG,     "CommitTransaction",    ONE,  WRITE, SMALL,  .handle = config_commit, .first = first_of_write},
	{CONFIG,     "AbortTransaction",     ONE,  WRITE, SMALL,  .answer = config_abort},
	{CONFIG,     "ConfirmCommit",        ONE,  WRITE, SMALL,  .answer = config_confirm},
	{CONFIG,     "Rollback",             ONE,  WRITE, SMALL,  .handle = config_rollback, .first = first_of_write},
	{CONFIG,     "ReplaceOwned",         TO,   WRITE, SERVER, .handle = config_replace_owned, .first = first_of_write},
	{CONFIG,     "WriteStream",          BOTH, WRITE, STREAM, .handle = config_write_stream, .ahead = true},

	{STATE,      "GetResource",          ONE,  READ,  SMALL,  .answer = state_get, .needs = RPC_NEEDS_READ_SCOPE},
	{STATE,      "ListResources",        ONE,  READ,  SMALL,  .answer = state_list, .needs = RPC_NEEDS_READ_SCOPE},
	{STATE,      "ListPacketCounters",   ONE,  READ,  SMALL,  .answer = state_packet_counters},

	{HISTORY,    "ListRevisions",        ONE,  READ,  SMALL,  .answer = history_list},
	{HISTORY,    "DiffRevisions",        ONE,  READ,  SMALL,  .answer = history_diff},
	{HISTORY,    "ListVerdicts",         ONE,  READ,  SMALL,  .answer = history_verdicts},

	{SYSTEM,     "GetSystem",            ONE,  READ,  SMALL,  .answer = system_get, .needs = RPC_NEEDS_READ_SCOPE},
	{SYSTEM,     "ListLimits",           ONE,  READ,  SMALL,  .answer = system_limits, .needs = RPC_NEEDS_READ_SCOPE},
	{SYSTEM,     "ListPorts",            ONE,  READ,  SMALL,  .answer = system_ports},
	{SYSTEM,     "Preflight",            ONE,  READ,  SMALL,  .answer = system_preflight},
	{SYSTEM,     "WhoAmI",               ONE,  READ,  SMALL,  .answer = system_who_am_i, .needs = RPC_NEEDS_NOTHING},

	{CONNECTION, "ListConnections",      ONE,  READ,  SMALL,  .answer = connections_list},
	{CONNECTION, "DeleteConnections",    ONE,  READ,  SMALL,  .answer = connections_forget, .needs = RPC_NEEDS_WRITE},

	{BALANCER,   "DrainStatus",          ONE,  READ,  SMALL,  .answer = balancer_drain_status},

	{DIAGNOSE,   "Explain",              ONE,  WRITE, SMALL,  .answer = diagnostics_explain, .needs = RPC_NEEDS_READ, .first = first_of_explain},
	{DIAGNOSE,   "Trace",                FROM, HERE,  SMALL,  .handle = diagnostics_trace, .cancelled = diagnostics_cancelled, .needs = RPC_NEEDS_READ},
	{DIAGNOSE,   "Capture",              FROM, HERE,  SMALL,  .handle = diagnostics_capture, .cancelled = diagnostics_cancelled, .needs = RPC_NEEDS_READ},
	{DIAGNOSE,   "Latency",              FROM, HERE,  SMALL,  .handle = diagnostics_latency, .cancelled = diagnostics_cancelled, .needs = RPC_NEEDS_READ},
	{WATCH,      "Watch",                FROM, READ,  SMALL,  .handle = watch_handle, .cancelled = watch_cancelled, .needs = RPC_NEEDS_READ_SCOPE},

	{MONITOR,    "Monitor",              BOTH, WRITE, STREAM, .handle = monitor_handle},

	{HEALTH,     "Check",                ONE,  HERE,  SMALL,  .answer = health_check, .needs = RPC_NEEDS_NOTHING},
	{HEALTH,     "Watch",                FROM, HERE,  SMALL,  .handle = health_watch, .cancelled = health_watch_cancelled, .needs = RPC_NEEDS_READ_SCOPE},

	{REFLECTION, "ServerReflectionInfo", BOTH, HERE,  SMALL,  .handle = reflection_handle, .needs = RPC_NEEDS_READ_SCOPE},
	{V1ALPHA,    "ServerReflectionInfo", BOTH, HERE,  SMALL,  .handle = reflection_handle, .needs = RPC_NEEDS_READ_SCOPE},

	{.service = NULL},
};
/* clang-format on */

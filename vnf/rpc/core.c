/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/core.h"

#include <grpc/support/log.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"

#define STREAMS	     256 /* concurrent calls of one connection */
#define QUOTA_FACTOR 4	 /* core may buffer so many of the largest message for a listener's connections, */
#define QUOTA_LEAST  ((size_t)64 << 20) /* or so many bytes */
#define METADATA     8192		/* bytes of a call's headers */
#define PING_STRIKES 2			/* pings that come too early, and the connection is closed */
#define PING_MS	     5000		/* between a client's pings */
#define HANDSHAKE_MS 10000		/* from connecting to HTTP/2's settings */
#define IDLE_MS	     600000		/* without a call: clients connect again by themselves when they have one */

/* Logs one line a second: clients can make core complain as often as they like. */
static void log_core(gpr_log_func_args *args)
{
	static _Atomic uint64_t last;

	if (args->severity == GPR_LOG_SEVERITY_ERROR && first_in_second(&last))
		log_warning("gRPC: %s", args->message);
}

static void log_nothing(gpr_log_func_args *args)
{
	(void)args;
}

void core_log_quiet(void)
{
	gpr_set_log_function(log_nothing);
}

void core_log_start(void)
{
	gpr_set_log_function(log_core);
}

grpc_server *core_server_create(size_t max_message, bool share_ports)
{
	grpc_resource_quota *quota = grpc_resource_quota_create("rpc");
	grpc_arg args[] = {
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, {.integer = (int)max_message}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_CONCURRENT_STREAMS, {.integer = STREAMS}},
		/* two daemons would otherwise share a port, each with half of the clients */
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_ALLOW_REUSEPORT, {.integer = share_ports}},
		/* clients may ping as often as PING_MS, also without calls; ours find those that are gone */
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, {.integer = PING_MS}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_HTTP2_MAX_PING_STRIKES, {.integer = PING_STRIKES}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_METADATA_SIZE, {.integer = METADATA}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, {.integer = HANDSHAKE_MS}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_CONNECTION_IDLE_MS, {.integer = IDLE_MS}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, {.integer = 1}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_KEEPALIVE_TIME_MS, {.integer = 30000}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_KEEPALIVE_TIMEOUT_MS, {.integer = 20000}},
		/* a decompressed message is not held to the maximum: no compression */
		{GRPC_ARG_INTEGER, (char *)GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, {.integer = 1}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, {.integer = 0}},
		{GRPC_ARG_POINTER,
		 (char *)GRPC_ARG_RESOURCE_QUOTA,
		 {.pointer = {quota, grpc_resource_quota_arg_vtable()}}},
	};
	grpc_channel_args list = {sizeof(args) / sizeof(args[0]), args};
	grpc_server *core;

	grpc_resource_quota_resize(quota,
				   max_message * QUOTA_FACTOR > QUOTA_LEAST ? max_message * QUOTA_FACTOR : QUOTA_LEAST);
	core = grpc_server_create(&list, NULL);
	grpc_resource_quota_unref(quota);
	return core;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One run of sluicectl against one server: calls, and errors as a person reads them. */
#ifndef SLUICE_CTL_SESSION_H
#define SLUICE_CTL_SESSION_H

#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"
#include "vnf/ctl/changes.h"
#include "vnf/ctl/options.h"

struct rpc_client;

struct session {
	const struct options *options;
	struct rpc_client *client; /* NULL until the first call */
};

void session_end(struct session *session);

/* Makes the client where there is none yet; it connects at its first call. 0, or -1 and *error. */
int session_connect(struct session *session, struct error *error);

/* The response, or NULL and *error; protobuf_c_message_free_unpacked(response, NULL). */
ProtobufCMessage *session_call(struct session *session, const ProtobufCServiceDescriptor *service, const char *method,
			       const ProtobufCMessage *request, struct error *error);

/* Prints one line a fault to stderr; fields that lead into `list` (may be NULL) become places in its files, counted
 * from its change `first`. Returns the exit code. */
int session_report(const struct error *error, const struct change_list *list, size_t first);

/* Reads all -f files. 0, or an exit code after the faults were printed. */
int session_read_files(const struct session *session, struct change_list *list);

int out_of_memory(void); /* says so on stderr; returns the exit code */

#endif

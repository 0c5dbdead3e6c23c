/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/ctl/yaml_read.h"
#include "vnf/client/client.h"

void session_end(struct session *session)
{
	rpc_client_free(session->client);
	session->client = NULL;
}

int out_of_memory(void)
{
	fprintf(stderr, "error: out of memory\n");
	return FAILED;
}

/* TLS is left out on a unix socket, which is as safe as its directory. */
int session_connect(struct session *session, struct error *error)
{
	const struct options *options = session->options;
	static const struct rpc_client_tls names = {"--tls-ca", "--tls-cert", "--tls-key"};
	const struct rpc_client_tls tls = {options->tls_ca, options->tls_cert, options->tls_key};

	if (session->client)
		return 0;
	if (options->tls_ca && strncmp(options->server, "unix:", 5) != 0) {
		session->client = rpc_client_new_tls(options->server, &tls, error);
	} else {
		session->client = rpc_client_new(options->server);
		if (!session->client)
			error_no_memory(error, NULL);
	}
	if (!session->client)
		return -1;
	rpc_client_name_tls(session->client, &names);
	return 0;
}

ProtobufCMessage *session_call(struct session *session, const ProtobufCServiceDescriptor *service, const char *method,
			       const ProtobufCMessage *request, struct error *error)
{
	memset(error, 0, sizeof(*error));
	if (session_connect(session, error))
		return NULL;
	return rpc_client_call(session->client, service, method, request, session->options->timeout_ms, error);
}

int session_report(const struct error *error, const struct change_list *list, size_t first)
{
	static const struct change_list none;
	size_t kept = error->count < ERROR_FAULTS ? error->count : ERROR_FAULTS;
	char where[512];

	for (size_t i = 0; i < kept; i++) {
		const struct fault *fault = &error->fault[i];

		change_list_locate(list ? list : &none, first, fault->field, where, sizeof(where));
		if (*where)
			fprintf(stderr, "error: %s: %s\n", where, fault->message);
		else
			fprintf(stderr, "error: %s\n", fault->message);
	}
	if (error->count > kept)
		fprintf(stderr, "error: and %zu more\n", error->count - kept);
	switch (error->code) {
	case ERROR_UNAVAILABLE:
	case ERROR_DEADLINE_EXCEEDED:
	case ERROR_ABORTED:
		return TRY_AGAIN;
	default:
		return FAILED;
	}
}

int session_read_files(const struct session *session, struct change_list *list)
{
	struct error error = {0};

	for (size_t i = 0; i < session->options->file_count; i++) {
		const char *name = session->options->files[i];
		bool standard = strcmp(name, "-") == 0;
		FILE *stream = standard ? stdin : fopen(name, "r");

		if (!stream) {
			fprintf(stderr, "error: %s: %s\n", name, strerror(errno));
			return FAILED;
		}
		yaml_read(list, stream, standard ? "stdin" : name, &error);
		if (!standard)
			fclose(stream);
	}
	return error.count ? session_report(&error, NULL, 0) : DONE;
}

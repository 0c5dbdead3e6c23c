/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/configuration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/config_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "vnf/ctl/changes.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/yaml_read.h"
#include "vnf/client/client.h"

#define CALL_MS		60000
#define PAGE		5000
#define PORTION_CHANGES 5000
#define PORTION_BYTES	(1U << 20)
#define DAY0_OWNER	"day0"

static const ProtobufCServiceDescriptor *const config = &sluice__v1__config_service__descriptor;

struct configuration {
	Sluice__V1__ListResourcesResponse **page; /* of a router */
	size_t pages;
	struct change_list file; /* or of a file */
	Sluice__V1__Change *change;
	const char **owner; /* of each change */
	size_t count;
	uint64_t revision;
};

void configuration_free(struct configuration *configuration)
{
	if (!configuration)
		return;
	for (size_t i = 0; i < configuration->pages; i++)
		sluice__v1__list_resources_response__free_unpacked(configuration->page[i], NULL);
	change_list_free(&configuration->file);
	free(configuration->page);
	free(configuration->change);
	free(configuration->owner);
	free(configuration);
}

size_t configuration_count(const struct configuration *configuration)
{
	return configuration->count;
}

uint64_t configuration_revision(const struct configuration *configuration)
{
	return configuration->revision;
}

static void *no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return NULL;
}

/* Makes room for as many more changes; -1: out of memory. */
static int make_room(struct configuration *configuration, size_t more)
{
	size_t count = configuration->count + more;
	Sluice__V1__Change *change = reallocarray(configuration->change, count + 1, sizeof(*change));
	const char **owner;

	if (change)
		configuration->change = change;
	owner = reallocarray(configuration->owner, count + 1, sizeof(*owner));
	if (owner)
		configuration->owner = owner;
	return change && owner ? 0 : -1;
}

static void add(struct configuration *configuration, Sluice__V1__Operation op, Sluice__V1__Resource *resource,
		const char *owner)
{
	Sluice__V1__Change *change = &configuration->change[configuration->count];

	sluice__v1__change__init(change);
	change->op = op;
	change->resource = resource;
	configuration->owner[configuration->count++] = owner;
}

/* The pages stay: the changes refer to their resources. */
static int read_kind(struct configuration *configuration, struct rpc_client *client, unsigned int kind,
		     struct error *error)
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	Sluice__V1__ListResourcesResponse *page, **pages;

	request.kind = kind;
	request.page_size = PAGE;
	do {
		page = (Sluice__V1__ListResourcesResponse *)rpc_client_call(
			client, &sluice__v1__state_service__descriptor, "ListResources", &request.base, CALL_MS, error);
		if (!page)
			return -1;
		pages = reallocarray(configuration->page, configuration->pages + 1, sizeof(*pages));
		if (pages) {
			configuration->page = pages;
			pages[configuration->pages++] = page;
		} else {
			sluice__v1__list_resources_response__free_unpacked(page, NULL);
		}
		if (!pages || make_room(configuration, page->n_states)) {
			no_memory(error);
			return -1;
		}
		configuration->revision = page->revision;
		for (size_t i = 0; i < page->n_states; i++)
			add(configuration, SLUICE__V1__OPERATION__OPERATION_UPSERT, page->states[i]->resource,
			    page->states[i]->owner);
		request.page_token = page->next_page_token;
	} while (*page->next_page_token);
	return 0;
}

/* Reads kind after kind in the order of their numbers, in which a kind refers only to earlier ones. */
static struct configuration *read_all(struct rpc_client *client, uint64_t *first_revision, struct error *error)
{
	struct configuration *configuration = calloc(1, sizeof(*configuration));

	if (!configuration)
		return no_memory(error);
	for (unsigned int i = 0; kind_at(i); i++) {
		if (read_kind(configuration, client, kind_at(i)->id, error)) {
			configuration_free(configuration);
			return NULL;
		}
		if (i == 0)
			*first_revision = configuration->revision;
	}
	return configuration;
}

struct configuration *configuration_read(struct rpc_client *client, struct error *error)
{
	struct configuration *configuration;
	uint64_t first = 0;

	/* Each kind is a call of its own: read again where a commit came in between. */
	for (unsigned int i = 0; i < 5; i++) {
		configuration = read_all(client, &first, error);
		if (!configuration || configuration->revision == first)
			return configuration;
		configuration_free(configuration);
	}
	error_add(error, ERROR_ABORTED, NULL, "the router is changed faster than it can be read: try again");
	return NULL;
}

struct configuration *configuration_from_file(const char *file, struct error *error)
{
	struct configuration *configuration = calloc(1, sizeof(*configuration));
	FILE *stream = fopen(file, "re");
	int rc = 0;

	if (!stream) {
		error_add(error, ERROR_NOT_FOUND, file, "%s", strerror(errno));
		rc = -1;
	} else if (!configuration) {
		no_memory(error);
		rc = -1;
	} else {
		rc = yaml_read(&configuration->file, stream, file, error);
	}
	if (rc == 0 && make_room(configuration, configuration->file.count)) {
		no_memory(error);
		rc = -1;
	}
	if (stream)
		fclose(stream);
	if (rc) {
		configuration_free(configuration);
		return NULL;
	}
	for (size_t i = 0; i < configuration->file.count; i++)
		add(configuration, configuration->file.change[i]->op, configuration->file.change[i]->resource,
		    DAY0_OWNER);
	return configuration;
}

static char *begin(struct rpc_client *client, const char *owner, struct error *error)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *response;
	char *id;

	options.owner = (char *)owner;
	request.options = &options;
	response = (Sluice__V1__BeginTransactionResponse *)rpc_client_call(client, config, "BeginTransaction",
									   &request.base, CALL_MS, error);
	if (!response)
		return NULL;
	id = strdup(response->transaction_id);
	sluice__v1__begin_transaction_response__free_unpacked(response, NULL);
	return id ? id : no_memory(error);
}

static int stage(struct rpc_client *client, char *id, Sluice__V1__Change **change, size_t count, struct error *error)
{
	Sluice__V1__StageChangesRequest request = SLUICE__V1__STAGE_CHANGES_REQUEST__INIT;
	ProtobufCMessage *response = NULL;
	struct rpc_stream *stream;

	request.transaction_id = id;
	request.changes = change;
	request.n_changes = count;
	stream = rpc_stream_open(client, config, "StageChanges", CALL_MS, error);
	if (stream) {
		rpc_stream_send(stream, &request.base); /* a send that breaks is explained by the stream's end */
		response = rpc_stream_finish(stream, error);
	}
	protobuf_c_message_free_unpacked(response, NULL);
	return response ? 0 : -1;
}

static int commit(struct rpc_client *client, char *id, const char *owner, struct error *error)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	ProtobufCMessage *response;

	options.owner = (char *)owner;
	request.transaction_id = id;
	request.options = &options;
	response = rpc_client_call(client, config, "CommitTransaction", &request.base, CALL_MS, error);
	protobuf_c_message_free_unpacked(response, NULL);
	return response ? 0 : -1;
}

/* A day-0 file's faults lead to its lines. */
static void locate(const struct configuration *configuration, size_t first, struct error *error)
{
	for (size_t i = 0; configuration->file.count && i < error->count && i < ERROR_FAULTS; i++) {
		char where[sizeof(error->fault[0].field)];

		change_list_locate(&configuration->file, first, error->fault[i].field, where, sizeof(where));
		memcpy(error->fault[i].field, where, sizeof(where));
	}
}

/* Writes the changes from `first` on that have one owner as one commit. Returns the index after them; 0: it failed. */
static size_t write_run(const struct configuration *configuration, struct rpc_client *client, size_t first,
			struct error *error)
{
	const char *owner = configuration->owner[first];
	char *id = begin(client, owner, error);
	Sluice__V1__Change *portion[PORTION_CHANGES];
	size_t next = first;
	int rc = id ? 0 : -1;

	while (rc == 0 && next < configuration->count && strcmp(configuration->owner[next], owner) == 0) {
		size_t count = 0, bytes = 0;

		while (next < configuration->count && count < PORTION_CHANGES && bytes < PORTION_BYTES &&
		       strcmp(configuration->owner[next], owner) == 0) {
			portion[count] = &configuration->change[next++];
			bytes += sluice__v1__change__get_packed_size(portion[count++]);
		}
		rc = stage(client, id, portion, count, error);
	}
	if (rc == 0)
		rc = commit(client, id, owner, error);
	if (rc)
		locate(configuration, first, error);
	free(id); /* an uncommitted transaction expires */
	return rc ? 0 : next;
}

int configuration_write(const struct configuration *configuration, struct rpc_client *client, struct error *error)
{
	size_t next = 0;

	while (next < configuration->count) {
		next = write_run(configuration, client, next, error);
		if (!next)
			return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as clients send them, checked before protobuf-c unpacks them: what the check takes is unpacked within its
 * memory, and what is packed again is taken again. The first byte says which request.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sluice/v1/config_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "vnf/rpc/wire.h"

#define MEMORY (1 << 20)

static const ProtobufCMessageDescriptor *const requests[] = {
	&sluice__v1__apply_changes_request__descriptor,
	&sluice__v1__stage_changes_request__descriptor,
	&sluice__v1__begin_transaction_request__descriptor,
	&sluice__v1__list_resources_request__descriptor,
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

/* Was it taken? */
static bool take(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size)
{
	struct wire_budget budget = {MEMORY};
	struct wire_memory memory;
	struct error error = {0};
	ProtobufCMessage *message;
	uint8_t *again;
	size_t packed;

	wire_memory_init(&memory, MEMORY, &budget);
	message = wire_unpack(descriptor, data, size, &memory, &error);
	if (!message) {
		if (!error.count || budget.left != MEMORY)
			abort();
		return false;
	}
	packed = protobuf_c_message_get_packed_size(message);
	again = malloc(packed + 1);
	if (!again || protobuf_c_message_pack(message, again) != packed)
		abort();
	if (wire_check(descriptor, again, packed, 4UL * MEMORY, &error))
		abort();
	free(again);
	wire_free(message, &memory);
	if (budget.left != MEMORY)
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		take(requests[data[0] % REQUESTS], data + 1, size - 1);
	return 0;
}

static size_t pack(uint8_t which, const ProtobufCMessage *message, uint8_t *bytes)
{
	bytes[0] = which;
	return 1 + protobuf_c_message_pack(message, bytes + 1);
}

static size_t pack_apply(uint8_t *bytes)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__Change put = SLUICE__V1__CHANGE__INIT, delete = SLUICE__V1__CHANGE__INIT,
			   *changes[] = {&put, &delete};
	Sluice__V1__Resource group_resource = SLUICE__V1__RESOURCE__INIT, route_resource = SLUICE__V1__RESOURCE__INIT;
	Sluice__V1__NextHopGroup group = SLUICE__V1__NEXT_HOP_GROUP__INIT;
	Sluice__V1__NextHopGroupMember a = SLUICE__V1__NEXT_HOP_GROUP_MEMBER__INIT, b = a, *members[] = {&a, &b};
	Sluice__V1__Route route = SLUICE__V1__ROUTE__INIT;

	options.owner = (char *)"me";
	options.expected_revision = 1ULL << 40;
	options.validate_only = 1;
	a.next_hop = (char *)"h1";
	a.weight = 300;
	b.next_hop = (char *)"h2";
	group.name = (char *)"grün";
	group.members = members;
	group.n_members = 2;
	group_resource.kind_case = SLUICE__V1__RESOURCE__KIND_NEXT_HOP_GROUP;
	group_resource.next_hop_group = &group;
	route.vrf = (char *)"red";
	route.prefix = (char *)"2001:db8::/32";
	route_resource.kind_case = SLUICE__V1__RESOURCE__KIND_ROUTE;
	route_resource.route = &route;
	put.id = (char *)"1";
	put.op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
	put.resource = &group_resource;
	delete.op = SLUICE__V1__OPERATION__OPERATION_DELETE;
	delete.resource = &route_resource;
	request.options = &options;
	request.changes = changes;
	request.n_changes = 2;
	return pack(0, &request.base, bytes);
}

static size_t pack_list(uint8_t *bytes)
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;

	request.page_size = 1000;
	request.page_token = (char *)"a token";
	return pack(3, &request.base, bytes);
}

size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	switch (n) {
	case 0:
		return pack_apply(bytes);
	case 1:
		return pack_list(bytes);
	}
	return 0;
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	if (!take(requests[data[0] % REQUESTS], data + 1, size - 1))
		abort();
}

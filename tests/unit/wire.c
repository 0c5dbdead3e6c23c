/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/rpc/wire.h"

#define APPLY  (&sluice__v1__apply_changes_request__descriptor)
#define PLENTY ((size_t)1 << 20)

/* A request of `count` routes into `buffer`; the prefix of the fourth is given. */
static size_t pack_routes(uint8_t *buffer, size_t size, size_t count, const char *fourth)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__Change *change = calloc(count, sizeof(*change)), **list = calloc(count, sizeof(*list));
	Sluice__V1__Resource *resource = calloc(count, sizeof(*resource));
	Sluice__V1__Route *route = calloc(count, sizeof(*route));
	size_t packed;

	options.owner = (char *)"test";
	request.options = &options;
	for (size_t i = 0; i < count; i++) {
		sluice__v1__route__init(&route[i]);
		route[i].vrf = (char *)"red";
		route[i].prefix = (char *)(i == 3 && fourth ? fourth : "192.0.2.0/24");
		route[i].next_hop_group = (char *)"group";
		sluice__v1__resource__init(&resource[i]);
		resource[i].kind_case = SLUICE__V1__RESOURCE__KIND_ROUTE;
		resource[i].route = &route[i];
		sluice__v1__change__init(&change[i]);
		change[i].op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
		change[i].resource = &resource[i];
		list[i] = &change[i];
	}
	request.n_changes = count;
	request.changes = list;
	packed = sluice__v1__apply_changes_request__get_packed_size(&request);
	assert_true(packed <= size);
	sluice__v1__apply_changes_request__pack(&request, buffer);
	free(change);
	free(list);
	free(resource);
	free(route);
	return packed;
}

static void a_good_message_is_unpacked(void **state)
{
	struct error error = {0};
	struct wire_budget budget = {PLENTY};
	struct wire_memory memory;
	uint8_t buffer[1024];
	size_t size = pack_routes(buffer, sizeof(buffer), 5, "2001:db8::/32");
	Sluice__V1__ApplyChangesRequest *request;

	(void)state;
	wire_memory_init(&memory, PLENTY, &budget);
	request = (Sluice__V1__ApplyChangesRequest *)wire_unpack(APPLY, buffer, size, &memory, &error);
	assert_non_null(request);
	assert_int_equal(request->n_changes, 5);
	assert_string_equal(request->changes[3]->resource->route->prefix, "2001:db8::/32");
	assert_true(budget.left < PLENTY);
	wire_free(&request->base, &memory);
	assert_int_equal(budget.left, PLENTY);
}

static void bad_text_names_its_field(void **state)
{
	static const struct {
		const char *prefix;
		const char *message;
	} cases[] = {
		{"192.0.2.\xff/24", "is not valid UTF-8"},    /* no lead byte */
		{"\xc0\xafxx", "is not valid UTF-8"},	      /* overlong */
		{"\xed\xa0\x80xx", "is not valid UTF-8"},     /* a surrogate */
		{"\xf4\x90\x80\x80xx", "is not valid UTF-8"}, /* beyond U+10FFFF */
		{"\xe2\x82", "is not valid UTF-8"},	      /* cut short */
		{"X0", "contains a NUL character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {0};
		uint8_t buffer[1024], *nul;
		size_t size = pack_routes(buffer, sizeof(buffer), 5, cases[i].prefix);

		nul = memchr(buffer, 'X', size);
		if (nul)
			*nul = '\0';
		assert_int_equal(wire_check(APPLY, buffer, size, PLENTY, &error), -1);
		assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
		assert_string_equal(error.fault[0].field, "changes[3].resource.route.prefix");
		assert_string_equal(error.fault[0].message, cases[i].message);
	}
}

static void good_utf8_is_accepted(void **state)
{
	struct error error = {0};
	uint8_t buffer[1024];
	size_t size = pack_routes(buffer, sizeof(buffer), 4, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xb0\xf4\x8f\xbf\xbf");

	(void)state;
	assert_int_equal(wire_check(APPLY, buffer, size, PLENTY, &error), 0);
}

static void malformed_bytes_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{"\x0a", 1},						  /* no length */
		{"\x0a\x05xx", 4},					  /* shorter than its length */
		{"\x00\x01", 2},					  /* field number 0 */
		{"\x0b\x0c", 2},					  /* a group */
		{"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* varint beyond ten bytes */
		{"\x80\x80\x80\x80\x80\x01", 6},			  /* tag beyond five bytes */
		{"\x3d\x01\x02\x03", 4},				  /* three of four bytes */
		{"\x08\x01", 2},					  /* not the wire type of the field */
		{"\x0a\xff\xff\xff\xff\x0f", 6},			  /* a length of 4 GiB */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {0};

		assert_int_equal(wire_check(APPLY, (const uint8_t *)cases[i].bytes, cases[i].size, PLENTY, &error), -1);
		assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	}
}

static void unknown_fields_are_skipped(void **state)
{
	static const uint8_t bytes[] = "\xf8\x01\x05\xfa\x01\x03\xff\x00\xff";
	struct error error = {0};
	struct wire_memory memory;
	ProtobufCMessage *message;

	(void)state;
	wire_memory_init(&memory, PLENTY, NULL);
	message = wire_unpack(APPLY, bytes, sizeof(bytes) - 1, &memory, &error);
	assert_non_null(message);
	assert_int_equal(message->n_unknown_fields, 2);
	wire_free(message, &memory);
}

/* Two bytes on the wire, far more in memory: refused before anything is allocated. */
static void empty_messages_do_not_fill_the_memory(void **state)
{
	size_t size = (size_t)1 << 20;
	uint8_t *bytes = malloc(size);
	struct error error = {0};

	(void)state;
	for (size_t i = 0; i < size; i += 2)
		memcpy(bytes + i, "\x12", 2);
	assert_int_equal(wire_check(APPLY, bytes, size, 8 * size, &error), -1);
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(error.fault[0].message, "smaller parts"));
	free(bytes);
}

static void a_shared_budget_runs_out(void **state)
{
	struct wire_budget budget = {2000};
	struct wire_memory first, second;
	struct error error = {0};
	uint8_t buffer[1024];
	size_t size = pack_routes(buffer, sizeof(buffer), 4, NULL);
	ProtobufCMessage *message;

	(void)state;
	wire_memory_init(&first, PLENTY, &budget);
	wire_memory_init(&second, PLENTY, &budget);
	message = wire_unpack(APPLY, buffer, size, &first, &error);
	assert_non_null(message);
	assert_null(wire_unpack(APPLY, buffer, size, &second, &error));
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	wire_free(message, &first);
	assert_int_equal(budget.left, 2000);
}

/* A recursive message type of our own: the API has none, and the check must hold for any. */
static void depth_is_bounded(void **state)
{
	static ProtobufCFieldDescriptor field = {
		.name = "self",
		.id = 1,
		.label = PROTOBUF_C_LABEL_NONE,
		.type = PROTOBUF_C_TYPE_MESSAGE,
	};
	static const ProtobufCIntRange ranges[] = {{1, 0}, {0, 1}};
	static const ProtobufCMessageDescriptor nested = {
		.sizeof_message = 32,
		.n_fields = 1,
		.fields = &field,
		.n_field_ranges = 1,
		.field_ranges = ranges,
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	};
	uint8_t bytes[2 * (WIRE_DEPTH + 1)];

	(void)state;
	field.descriptor = &nested;
	for (unsigned int depth = WIRE_DEPTH; depth <= WIRE_DEPTH + 1; depth++) {
		struct error error = {0};

		for (unsigned int i = 0; i < depth; i++) {
			bytes[2 * i] = 0x0a;
			bytes[2 * i + 1] = (uint8_t)(2 * (depth - i - 1));
		}
		assert_int_equal(wire_check(&nested, bytes, 2 * depth, PLENTY, &error), depth > WIRE_DEPTH ? -1 : 0);
	}
}

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* What the check passes protobuf-c can unpack in the memory that was allowed. */
static void the_estimate_is_not_too_low(void **state)
{
	uint8_t *buffer = malloc(65536);

	(void)state;
	for (size_t count = 0; count < 400; count += 7) {
		size_t size = pack_routes(buffer, 65536, count, NULL);
		size_t low = 0, high = PLENTY;
		struct wire_memory memory;
		struct error error = {0};
		ProtobufCMessage *message;

		while (low + 1 < high) {
			size_t middle = (low + high) / 2;

			if (wire_check(APPLY, buffer, size, middle, &error))
				low = middle;
			else
				high = middle;
		}
		wire_memory_init(&memory, high, NULL);
		message = wire_unpack(APPLY, buffer, size, &memory, &error);
		assert_non_null(message);
		wire_free(message, &memory);
	}
	free(buffer);
}

static void mutated_bytes_never_crash(void **state)
{
	uint8_t original[2048], bytes[2048];
	size_t size = pack_routes(original, sizeof(original), 12, "2001:db8::/32"), passed = 0;

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		struct error error = {0};
		struct wire_memory memory;
		ProtobufCMessage *message;
		size_t length = round % 3 ? size : next_random() % (size + 1);
		unsigned int flips = 1 + next_random() % 6;

		memcpy(bytes, original, size);
		while (length && flips--)
			bytes[next_random() % length] = (uint8_t)next_random();
		if (round % 7 == 0)
			for (size_t i = 0; i < length; i++)
				bytes[i] = (uint8_t)next_random();
		wire_memory_init(&memory, 65536, NULL);
		message = wire_unpack(APPLY, bytes, length, &memory, &error);
		assert_true(message ? !error.count : error.count == 1);
		passed += message != NULL;
		wire_free(message, &memory);
	}
	assert_true(passed > 100); /* or the mutations are too wild to test anything */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_message_is_unpacked),  cmocka_unit_test(bad_text_names_its_field),
		cmocka_unit_test(good_utf8_is_accepted),       cmocka_unit_test(malformed_bytes_are_refused),
		cmocka_unit_test(unknown_fields_are_skipped),  cmocka_unit_test(empty_messages_do_not_fill_the_memory),
		cmocka_unit_test(a_shared_budget_runs_out),    cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(the_estimate_is_not_too_low), cmocka_unit_test(mutated_bytes_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in two pieces are legal protobuf, of which protobuf-c 1.4 loses the earlier pieces' scalars: refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "vnf/rpc/wire.h"

#define APPLY  (&sluice__v1__apply_changes_request__descriptor)
#define PLENTY ((size_t)1 << 20)

/* The VLAN would be lost here. */
static void a_message_in_two_pieces_is_refused(void **state)
{
	static const uint8_t options[] = {0x0a, 3, 0x0a, 1, 'a', 0x0a, 3, 0x12, 1, 'b'};
	static const uint8_t interface[] = {0x12, 16, 0x1a, 14, 0x12, 5, 0x0a, 1,    'a',
					    0x20, 7,  0x12, 5,	0x0a, 1, 'a',  0x1a, 0};
	struct error error = {0};

	(void)state;
	assert_int_equal(wire_check(APPLY, options, sizeof(options), PLENTY, &error), -1);
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].field, "options");
	memset(&error, 0, sizeof(error));
	assert_int_equal(wire_check(APPLY, interface, sizeof(interface), PLENTY, &error), -1);
	assert_string_equal(error.fault[0].field, "changes[0].resource.interface");
	assert_string_equal(error.fault[0].message, "arrives in more than one piece: send the message whole");
}

#define PATH 16

/* In front of `end`: two bytes from field 16 on. Returns its first byte. */
static uint8_t *put_tag(uint8_t *end, uint32_t field)
{
	uint32_t tag = field << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;

	assert_in_range(tag, 1, (1 << 14) - 1);
	if (tag < 128) {
		*--end = (uint8_t)tag;
		return end;
	}
	*--end = (uint8_t)(tag >> 7);
	*--end = (uint8_t)(tag | 0x80);
	return end;
}

/* The fields from the request down to a message, which arrives empty in two pieces. */
static void check_two_pieces(const ProtobufCMessageDescriptor *top, const ProtobufCFieldDescriptor *const path[],
			     size_t length)
{
	uint8_t bytes[2 * 3 + 6 * PATH], *start = bytes + sizeof(bytes);
	struct error error = {0};
	size_t size = 0;

	for (size_t i = length; i-- > 0;) {
		size_t content = size;
		int pieces = i == length - 1 ? 2 : 1;

		assert_in_range(size, 0, 127);
		for (int j = 0; j < pieces; j++) {
			*--start = (uint8_t)content;
			start = put_tag(start, path[i]->id);
		}
		size = (size_t)(bytes + sizeof(bytes) - start);
	}
	if (wire_check(top, start, size, PLENTY, &error) == 0)
		fail_msg("%s: %s in two pieces", top->name, path[length - 1]->name);
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].message, "arrives in more than one piece: send the message whole");
}

static size_t check_messages(const ProtobufCMessageDescriptor *top, const ProtobufCMessageDescriptor *descriptor,
			     const ProtobufCFieldDescriptor *path[], size_t length)
{
	size_t checked = 0;

	assert_true(length < PATH);
	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		path[length] = &descriptor->fields[i];
		if (path[length]->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (path[length]->label != PROTOBUF_C_LABEL_REPEATED) {
			check_two_pieces(top, path, length + 1);
			checked++;
		}
		checked += check_messages(top, path[length]->descriptor, path, length + 1);
	}
	return checked;
}

/* Whatever message of the API it is, at any depth. */
static void every_message_in_two_pieces_is_refused(void **state)
{
	static const ProtobufCServiceDescriptor *const services[] = {
		&sluice__v1__config_service__descriptor,
		&sluice__v1__state_service__descriptor,
		&sluice__v1__system_service__descriptor,
		&grpc__health__v1__health__descriptor,
		&grpc__reflection__v1__server_reflection__descriptor,
	};
	const ProtobufCFieldDescriptor *path[PATH];
	size_t checked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		for (unsigned int j = 0; j < services[i]->n_methods; j++) {
			const ProtobufCMethodDescriptor *method = &services[i]->methods[j];

			checked += check_messages(method->input, method->input, path, 0);
			checked += check_messages(method->output, method->output, path, 0);
		}
	}
	print_message("%zu messages\n", checked);
	assert_true(checked > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_in_two_pieces_is_refused),
		cmocka_unit_test(every_message_in_two_pieces_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

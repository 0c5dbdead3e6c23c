/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to changes and back: every kind with random contents, and what people write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/ctl/changes.h"
#include "vnf/json/field.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/yaml_read.h"
#include "vnf/ctl/yaml_write.h"
#include "yaml_text.h"

/* --- round trip --- */

static uint64_t seed = 88172645463325252;

/* xorshift: the same values in every run */
static uint32_t random_below(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % limit;
}

static const char *random_text(void)
{
	static const char *const texts[] = {
		"a",
		"null",
		"~",
		"",
		"yes",
		"0x10",
		"007",
		"1e3",
		"10.0.0.0/8",
		"::/0",
		": ",
		"#x",
		"- a",
		"a: b",
		"{a}",
		"[b]",
		"&a",
		"*a",
		"!t",
		"%d",
		"@",
		"`",
		"'",
		"\"",
		"a\nb",
		" lead",
		"trail ",
		"---",
		"...",
		"\t",
		"\xc3\xa9",
		"\xe2\x82\xac",
		"a,b",
		"\\",
		"fe80::1",
		"a\x7f",
		"?",
		"|",
		"02:53:4c:00:00:01",
		">",
		"\xf0\x9f\x98\x80",
		"\x01",
		"a\r\nb",
		"\xc2\x85",
		"\xe2\x80\xa8",
	};

	return texts[random_below(sizeof(texts) / sizeof(texts[0]))];
}

static void fill(ProtobufCMessage *message)
{
	char number[24];

	for (unsigned int i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		unsigned int count = field->label == PROTOBUF_C_LABEL_REPEATED ? random_below(5) : random_below(2);

		if (field_in_oneof(field) && field_oneof_set(message, field))
			continue;
		while (count--) {
			const ProtobufCEnumDescriptor *values = field->descriptor;
			ProtobufCMessage *child;

			switch (field->type) {
			case PROTOBUF_C_TYPE_MESSAGE:
				child = field_message_new(field->descriptor);
				assert_non_null(child);
				*(ProtobufCMessage **)field_add(message, field) = child;
				fill(child);
				break;
			case PROTOBUF_C_TYPE_STRING:
				assert_int_equal(field_add_text(message, field, random_text()), 0);
				break;
			case PROTOBUF_C_TYPE_BYTES:
				assert_int_equal(field_add_text(message, field, "00ff7a"), 0);
				break;
			case PROTOBUF_C_TYPE_BOOL:
				assert_int_equal(field_add_text(message, field, "true"), 0);
				break;
			case PROTOBUF_C_TYPE_ENUM:
				*(int *)field_add(message, field) =
					values->values[random_below(values->n_values)].value;
				break;
			default:
				snprintf(number, sizeof(number), "%u", random_below(UINT32_MAX));
				assert_int_equal(field_add_text(message, field, number), 0);
			}
		}
	}
}

static void assert_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	size_t size = protobuf_c_message_get_packed_size(a);
	uint8_t *x = malloc(size + 1), *y = malloc(size + 1);

	assert_non_null(x);
	assert_non_null(y);
	assert_int_equal(size, protobuf_c_message_get_packed_size(b));
	protobuf_c_message_pack(a, x);
	protobuf_c_message_pack(b, y);
	assert_memory_equal(x, y, size);
	free(x);
	free(y);
}

static void every_kind_survives_a_round_trip(void **state)
{
	enum { EACH = 300 };
	const ProtobufCFieldDescriptor *kind;
	struct change_list in = {0}, out = {0};
	struct yaml_writer *writer;
	struct error error = {0};
	FILE *stream = tmpfile(); /* what is for people is not as it was */

	(void)state;
	assert_non_null(stream);
	writer = yaml_writer_new(stream);
	assert_non_null(writer);
	for (unsigned int k = 0; (kind = kind_at(k)); k++) {
		for (unsigned int i = 0; i < EACH; i++) {
			ProtobufCMessage *resource = field_message_new(&sluice__v1__resource__descriptor);
			ProtobufCMessage *body = field_message_new(kind->descriptor);

			*(ProtobufCMessage **)field_add(resource, kind) = body;
			fill(body);
			assert_int_equal(yaml_writer_add(writer, (Sluice__V1__Resource *)resource), 0);
			assert_int_equal(change_list_add(&in, SLUICE__V1__OPERATION__OPERATION_UPSERT,
							 (Sluice__V1__Resource *)resource, 0),
					 0);
		}
	}
	assert_int_equal(yaml_writer_finish(writer), 0);
	rewind(stream);
	if (yaml_read(&out, stream, "t.yaml", &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	fclose(stream);
	assert_int_equal(in.count, out.count);
	for (size_t i = 0; i < in.count; i++)
		assert_same(&in.change[i]->base, &out.change[i]->base);
	change_list_free(&in);
	change_list_free(&out);
}

/* --- what the format allows --- */

static void a_file_as_people_write_it(void **state)
{
	static const char text[] = "# comment\n"
				   "vrfs:\n"
				   "  - name: tenant-a\n"
				   "tunnel-endpoints:\n"
				   "  - name: v\n"
				   "    kind: VXLAN\n"
				   "    vni_bindings: {vni: 100, vrf: tenant-a}\n"
				   "port_pair_group:\n"
				   "  - {name: ids, port_pairs: ids-1, failure_mode: fail_open}\n"
				   "flow_classifier:\n"
				   "  name: web\n"
				   "  vrf: 100\n"
				   "  priority:\n"
				   "  protocol: 6\n"
				   "next_hop:\n"
				   "  - {name: null0, discard: {}}\n"
				   "---\n"
				   "route:\n"
				   "  - vrf: tenant-a\n"
				   "    prefix: ::/0\n"
				   "delete:\n"
				   "  routes:\n"
				   "    - {vrf: tenant-a, prefix: 10.9.0.0/16}\n";
	const Sluice__V1__TunnelEndpoint *tunnel;
	const Sluice__V1__FlowClassifier *classifier;
	struct change_list list;
	struct error error;

	(void)state;
	assert_int_equal(read_text(&list, text, &error), 0);
	assert_int_equal(list.count, 7);
	assert_string_equal(list.change[0]->resource->vrf->name, "tenant-a");
	tunnel = list.change[1]->resource->tunnel_endpoint;
	assert_int_equal(tunnel->kind, SLUICE__V1__TUNNEL_KIND__TUNNEL_KIND_VXLAN);
	assert_int_equal(tunnel->n_vni_bindings, 1);
	assert_int_equal(tunnel->vni_bindings[0]->vni, 100);
	assert_string_equal(list.change[2]->resource->port_pair_group->port_pairs[0], "ids-1");
	classifier = list.change[3]->resource->flow_classifier;
	assert_string_equal(classifier->vrf, "100");
	assert_int_equal(classifier->protocol, SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_TCP);
	assert_non_null(list.change[4]->resource->next_hop->discard);
	assert_string_equal(list.change[5]->resource->route->prefix, "::/0");
	assert_int_equal(list.change[5]->op, SLUICE__V1__OPERATION__OPERATION_UPSERT);
	assert_int_equal(list.change[6]->op, SLUICE__V1__OPERATION__OPERATION_DELETE);
	change_list_free(&list);
}

static void nothing_asks_for_nothing(void **state)
{
	static const char *const texts[] = {"", "# only a comment\n", "---\n---\n", "{}\n", "route:\nvrf: []\n", "~\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct change_list list;
		struct error error;

		/* fmemopen refuses a size of 0 in older C libraries: a newline is as empty */
		assert_int_equal(read_text(&list, *texts[i] ? texts[i] : "\n", &error), 0);
		assert_int_equal(list.count, 0);
		change_list_free(&list);
	}
}

static void a_fault_of_the_server_is_found_in_the_file(void **state)
{
	static const char text[] = "vrf:\n"
				   "  - name: a\n"
				   "next_hop_group:\n"
				   "  - name: g\n"
				   "    members:\n"
				   "      - {next_hop: x}\n"
				   "      - next_hop: y\n"
				   "        weight: 7\n"
				   "route:\n"
				   "  - vrf: a\n"
				   "    prefix: 10.0.0.1/8\n";
	static const struct {
		const char *path, *where;
	} cases[] = {
		{"changes[0].resource.vrf.name", "t.yaml:2: vrf.name"},
		{"changes[1].resource.next_hop_group.members[1].weight", "t.yaml:8: next_hop_group.members[1].weight"},
		{"changes[1].resource.next_hop_group.members[0]", "t.yaml:6: next_hop_group.members[0]"},
		{"changes[1].resource.next_hop_group.members[0].weight", "t.yaml:6: next_hop_group.members[0].weight"},
		{"changes[1].resource.next_hop_group.members", "t.yaml:6: next_hop_group.members"},
		{"changes[2].resource.route.prefix", "t.yaml:11: route.prefix"},
		{"changes[2].resource.route.next_hop_group", "t.yaml:10: route.next_hop_group"},
		{"changes[2].resource", "t.yaml:10"},
		{"changes[2]", "t.yaml:10"},
		{"changes[3].resource.route.prefix", "changes[3].resource.route.prefix"},
		{"options.owner", "options.owner"},
		{"changes[2", "changes[2"},
		{"changes[99999999999999999999].x", "changes[99999999999999999999].x"},
		{"", ""},
	};
	struct change_list list;
	struct error error;
	char where[200];

	(void)state;
	assert_int_equal(read_text(&list, text, &error), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(change_list_locate(&list, 0, cases[i].path, where, sizeof(where)), cases[i].where);
	assert_string_equal(change_list_locate(&list, 2, "changes[0].resource.route.prefix", where, sizeof(where)),
			    "t.yaml:11: route.prefix");
	change_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_survives_a_round_trip),
		cmocka_unit_test(a_file_as_people_write_it),
		cmocka_unit_test(nothing_asks_for_nothing),
		cmocka_unit_test(a_fault_of_the_server_is_found_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

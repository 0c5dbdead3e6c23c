/* SPDX-License-Identifier: Apache-2.0 */
/* What observed packets are shown as: steps with names, verdicts with remedies. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/connection.h"
#include "api/dp/fib.h"
#include "api/dp/reason.h"
#include "control_fixture.h"
#include "control_fixture_observer.h"
#include "control_reads_base.h"
#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/seen/verdict.h"

static struct fixture fixture;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	fake_observer_give(fixture.control);
	must_apply(&fixture, base);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static uint32_t id_of(enum resource_kind kind, const char *name)
{
	const struct resource *resource = snapshot_find(history_newest(&fixture.control->history), kind, name);

	assert_non_null(resource);
	assert_true(resource_id(resource) > 0);
	return resource_id(resource);
}

static void address_of(const char *text, struct dp_address *address)
{
	struct ip_address parsed;

	assert_int_equal(ip_address_parse(text, &parsed), 0);
	ip_address_map(&parsed, address->byte);
}

/* --- verdicts --- */

static void test_remedies(void **state)
{
	static const uint8_t verdicts[] = {
#define VERDICT(name, verdict, description) DP_VERDICT_##verdict,
		DP_REASONS(VERDICT)
#undef VERDICT
	};

	(void)state;
	for (uint32_t i = 0; i < DP_REASON_COUNT; i++) {
		if (verdicts[i] == DP_VERDICT_DROPPED && strlen(reason_remedy(i)) < 20)
			fail_msg("%s is dropped, and nothing says what to do about it", reason_name(i));
		if (verdicts[i] == DP_VERDICT_FORWARDED)
			assert_string_equal(reason_remedy(i), "");
	}
	assert_string_equal(reason_name(DP_REASON_COUNT), "");
	assert_string_equal(reason_remedy(DP_REASON_COUNT), "");
}

/* --- explain --- */

static Sluice__V1__ExplainResponse *explain(const char *line)
{
	Sluice__V1__ExplainRequest *request = message_of(&sluice__v1__explain_request__descriptor, line);
	Sluice__V1__ExplainResponse *response = message_new(&sluice__v1__explain_response__descriptor);

	error = (struct error){0};
	if (control_explain(fixture.control, request, response, &error)) {
		message_free(response);
		response = NULL;
	}
	message_free(request);
	return response;
}

#define PACKET "interface=in fields.source=10.1.0.9 fields.destination=10.2.0.1 fields.destination_port=443"

/* A packet that comes by `in`, is let in by `allow`, and leaves by the route 10.0.0.0/8 into the tunnel. */
static void record_way(struct explained *explained)
{
	struct dp_step *step = explained->step;

	memset(explained, 0, sizeof(*explained));
	step[0] = (struct dp_step){
		.kind = DP_STEP_parse_link, .reason = -1, .length = 60, .eth_proto = 0x800, .prefix_length = 255};
	step[1] = step[0];
	step[1].kind = DP_STEP_ingress_port;
	step[1].interface = (uint16_t)id_of(RESOURCE_INTERFACE, "in");
	step[1].vrf = (uint16_t)id_of(RESOURCE_VRF, "red");
	step[2] = step[1];
	step[2].kind = DP_STEP_parse_ip;
	step[2].family = 4;
	step[2].protocol = IPPROTO_TCP;
	step[2].ttl = 64;
	step[2].src_port = 49152;
	step[2].dst_port = 443;
	address_of("10.1.0.9", &step[2].src);
	address_of("10.2.0.1", &step[2].dst);
	step[3] = step[2];
	step[3].kind = DP_STEP_policy;
	step[3].rule[DP_POLICY_ACCESS] = id_of(RESOURCE_POLICY_RULE, "allow");
	step[3].rule[DP_POLICY_INGRESS] = id_of(RESOURCE_SECURITY_GROUP_RULE, "sgr");
	step[3].connection = DP_CONNECTION_ESTABLISHED + 1;
	step[4] = step[3];
	step[4].kind = DP_STEP_route;
	step[4].route = 1;
	step[4].prefix_length = 104;
	step[4].group = (uint16_t)id_of(RESOURCE_NEXT_HOP_GROUP, "g");
	step[5] = step[4];
	step[5].kind = DP_STEP_next_hop;
	step[5].next_hop = (uint16_t)id_of(RESOURCE_NEXT_HOP, "th");
	step[5].encapsulated = (uint16_t)id_of(RESOURCE_TUNNEL_ENDPOINT, "t1");
	step[5].out_interface = (uint16_t)id_of(RESOURCE_INTERFACE, "up");
	memcpy(step[5].out_mac, "\2\0\0\0\0\x63", 6);
	step[6] = step[5];
	step[6].kind = DP_STEP_transmit;
	step[6].reason = DP_REASON_encapsulated;
	step[6].sent = 110;
	explained->head = (struct dp_observation){.reason = DP_REASON_encapsulated,
						  .steps = 7,
						  .generation = 5,
						  .out_ifindex = 7,
						  .out_interface = step[6].out_interface,
						  .interface = step[6].interface,
						  .out_length = 3,
						  .program = DP_OBSERVED_TC};
	explained->head.last = step[6];
	memcpy(explained->out, "out", 3);
}

/* "stage: name=value name=KIND:value; ..." of all steps, one a line, into `text`. */
static void steps_as_text(Sluice__V1__Step *const *steps, size_t count, char *text, size_t size)
{
	FILE *file = fmemopen(text, size, "w");

	assert_non_null(file);
	for (size_t i = 0; i < count; i++) {
		fprintf(file, "%s:", steps[i]->stage);
		for (size_t j = 0; j < steps[i]->n_facts; j++) {
			const Sluice__V1__Fact *fact = steps[i]->facts[j];

			fprintf(file, " %s=%s", fact->name, fact->value);
			if (fact->kind) {
				fprintf(file, "(%d)", (int)fact->kind);
				assert_string_equal(fact->key, fact->value);
			}
		}
		fprintf(file, "%s%s\n", *steps[i]->reason ? " -> " : "", steps[i]->reason);
	}
	assert_int_equal(fclose(file), 0);
}

static const char way_text[] =
	"parse_link: length=60 ethertype=ipv4\n"
	"ingress_port: interface=in(2) vrf=red(1)\n"
	"parse_ip: source=10.1.0.9 destination=10.2.0.1 protocol=tcp source_port=49152 destination_port=443 ttl=64\n"
	"policy: rule=allow(15) ingress_rule=sgr(14) connection=established\n"
	"route: route=red/10.0.0.0/8(6) next_hop_group=g(5)\n"
	"next_hop: next_hop=th(4) into_tunnel=t1(3) out_interface=up(2) neighbour=02:00:00:00:00:63\n"
	"transmit: sent_length=110 -> encapsulated\n";

static void test_explain(void **state)
{
	Sluice__V1__ExplainResponse *response;
	char text[2000];

	(void)state;
	record_way(&fake_observer.explained);
	fake_program.generation = 7;
	response = explain(PACKET);
	assert_non_null(response);
	assert_int_equal(fake_observer.bank, 1);
	assert_int_equal(response->generation, 7);
	assert_int_equal(response->revision, 1);
	assert_string_equal(response->program, "tc");
	assert_int_equal(response->out.len, 3);
	assert_memory_equal(response->out.data, "out", 3);
	assert_string_equal(response->verdict->reason, "encapsulated");
	assert_int_equal(response->verdict->verdict, SLUICE__V1__VERDICT__VERDICT_FORWARDED);
	assert_string_equal(response->verdict->description, "routed into a tunnel");
	assert_string_equal(response->verdict->remedy, "");
	assert_string_equal(response->verdict->interface, "up");
	assert_string_equal(response->verdict->device, "eth0");
	steps_as_text(response->steps, response->n_steps, text, sizeof(text));
	assert_string_equal(text, way_text);
	message_free(response);
}

/* Members, links, what has no name any more, and a way that begins anew. */
static void test_other_ways(void **state)
{
	struct explained *explained = &fake_observer.explained;
	struct dp_step *step = explained->step;
	Sluice__V1__ExplainResponse *response;
	char text[2000];

	(void)state;
	step[0] = (struct dp_step){.kind = DP_STEP_parse_ip, .reason = -2, .vni = 6U << 16 | 5, .prefix_length = 255};
	step[1] = (struct dp_step){.kind = DP_STEP_decap,
				   .reason = -1,
				   .vni = 100,
				   .decapsulated = 999,
				   .tunnelled = 4,
				   .family = 4,
				   .protocol = 99,
				   .fragment = 1,
				   .prefix_length = 255};
	address_of("192.0.2.77", &step[1].dst);
	step[1].vrf = (uint16_t)id_of(RESOURCE_VRF, "red");
	step[2] = step[1];
	step[2].kind = DP_STEP_route;
	step[2].group = DP_GROUP_CONNECTED;
	step[2].prefix_length = 96 + 24;
	step[3] = step[2];
	step[3].listener = (uint16_t)id_of(RESOURCE_LISTENER, "http");
	step[3].route = fake_limits.routes + 1 + id_of(RESOURCE_MEMBER, "m2");
	step[3].reason = DP_REASON_no_member;
	explained->head = (struct dp_observation){.reason = DP_REASON_no_member, .steps = 4};
	response = explain(PACKET);
	assert_non_null(response);
	steps_as_text(response->steps, response->n_steps, text, sizeof(text));
	assert_string_equal(text, "parse_ip: vlan=5.6 program=goes on in the other program, from the beginning\n"
				  "decap: destination=192.0.2.77 protocol=99 fragment=first from_tunnel=999 vni=100 "
				  "vrf=red(1)\n"
				  "route: route=192.0.2.0/24 leads_to=on a link\n"
				  "route: member=m2(23) listener=http(21) -> no_member\n");
	assert_int_equal(response->verdict->verdict, SLUICE__V1__VERDICT__VERDICT_DROPPED);
	assert_string_equal(response->verdict->remedy, reason_remedy(DP_REASON_no_member));
	assert_string_equal(response->program, "xdp");
	assert_int_equal(response->out.len, 0);
	message_free(response);
}

static void test_refused(void **state)
{
	(void)state;
	fake_observer.refuses = true;
	assert_null(explain(PACKET));
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	control_set_observer(fixture.control, NULL);
	assert_null(explain(PACKET));
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	assert_null(explain(PACKET " transaction_id=nope"));
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_string_equal(error.fault[0].field, "transaction_id");
}

/* Over what a transaction would make: its interface is there, in the bank that packets do not read. */
static void test_transaction(void **state)
{
	Sluice__V1__BeginTransactionRequest begin = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse begun = SLUICE__V1__BEGIN_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__StageChangesRequest *stage;
	Sluice__V1__ExplainResponse *response;
	char line[200];
	uint64_t staged;

	(void)state;
	options.owner = "test";
	begin.options = &options;
	error = (struct error){0};
	assert_int_equal(control_begin(fixture.control, &begin, &begun, &error), 0);
	snprintf(line, sizeof(line),
		 "interface=new fields.source=10.1.0.9 fields.destination=10.2.0.1 "
		 "transaction_id=%s",
		 begun.transaction_id);
	/* nothing is staged: the tables that packets meet */
	fake_program.generation = 4;
	assert_null(explain(line));
	assert_string_equal(error.fault[0].field, "interface");
	stage = stage_of(begun.transaction_id, LINES("upsert interface name=new device=eth5 vrf=red"));
	error = (struct error){0};
	assert_int_equal(control_stage(fixture.control, begun.transaction_id, stage, &staged, &error), 0);
	message_free(stage);
	free(begun.transaction_id);
	record_way(&fake_observer.explained);
	response = explain(line);
	assert_non_null(response);
	assert_int_equal(fake_observer.bank, 1);
	assert_int_equal(response->generation, 5);
	assert_int_equal(response->revision, 2);
	message_free(response);
	assert_int_equal(snapshot_revision(history_newest(&fixture.control->history)), 1);
}

/* Each allocation fails once, in turn: it says so, and nothing leaks. Without a table of ids the names are found, too.
 */
static void test_memory(void **state)
{
	Sluice__V1__ExplainRequest *request = message_of(&sluice__v1__explain_request__descriptor, PACKET);
	unsigned int refused = 0, done = 0;

	(void)state;
	record_way(&fake_observer.explained);
	for (unsigned int i = 1; done < 2; i++) {
		Sluice__V1__ExplainResponse *response = message_new(&sluice__v1__explain_response__descriptor);
		char text[2000];
		bool failed;

		error = (struct error){0};
		atomic_store(&fail_in, i);
		failed = control_explain(fixture.control, request, response, &error);
		done += atomic_load(&fail_in) != 0;
		atomic_store(&fail_in, 0);
		if (failed) {
			assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
			assert_null(response->steps);
			refused++;
		} else {
			steps_as_text(response->steps, response->n_steps, text, sizeof(text));
			assert_string_equal(text, way_text);
		}
		message_free(response);
	}
	assert_true(refused > 50);
	message_free(request);
}

static void tell_sflow(void *context, Sluice__V1__Sflow *sflow)
{
	sflow->datagrams = *(uint64_t *)context;
}

/* What GetSystem says of who looks at packets, and of sFlow: absent where there is nobody. */
static void test_observing(void **state)
{
	Sluice__V1__GetSystemResponse *nobody = message_new(&sluice__v1__get_system_response__descriptor);
	Sluice__V1__GetSystemResponse *system = message_new(&sluice__v1__get_system_response__descriptor);
	struct observer *observer = fixture.control->observer;
	uint64_t datagrams = 15;

	(void)state;
	control_set_observer(fixture.control, NULL);
	assert_int_equal(control_system(fixture.control, nobody, &error), 0);
	assert_null(nobody->observing);
	assert_null(nobody->sflow);
	control_set_observer(fixture.control, observer);
	control_set_sflow(fixture.control, tell_sflow, &datagrams);
	assert_int_equal(control_system(fixture.control, system, &error), 0);
	assert_int_equal(system->observing->sessions, 0);
	assert_int_equal(system->observing->told, 11);
	assert_int_equal(system->observing->lost, 12);
	assert_int_equal(system->observing->samples, 13);
	assert_int_equal(system->observing->samples_lost, 14);
	assert_int_equal(system->sflow->datagrams, 15);
	message_free(nobody);
	message_free(system);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_remedies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_observing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_ways, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_transaction, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

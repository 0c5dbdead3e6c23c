/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of the control plane fails once, in turn: each call then either does nothing and says so, or is done
 * wholly. The sanitizer sees that nothing leaks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "control_fixture_observer.h"
#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/loop.h"

static const char *const base[] = {
	"upsert vrf name=under @id=1",
	"upsert vrf name=red",
	"upsert interface name=up device=eth0 vrf=under",
	"upsert interface name=in vrf=red",
	"upsert interface name=out vrf=red",
	"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 "
	"underlay_vrf=under vni_bindings[0].vni=100 vni_bindings[0].vrf=red",
	"upsert next_hop name=gw gateway.interface=up gateway.address=192.0.2.254",
	"upsert next_hop name=th tunnel.tunnel_endpoint=t1 tunnel.vni=100 tunnel.mac=02:00:00:00:00:09",
	"upsert next_hop name=drop discard=",
	"upsert next_hop_group name=g members[0].next_hop=gw members[1].next_hop=th",
	"upsert next_hop_group name=h members[0].next_hop=drop",
	"upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g",
	"upsert route vrf=red prefix=10.1.0.0/16 next_hop_group=g",
	"upsert port_pair name=p ingress=in egress=out",
	"upsert port_pair_group name=s port_pairs[0]=p",
	"upsert flow_classifier name=web vrf=red protocol=6 destination_ports.first=80",
	"upsert port_chain name=c flow_classifiers[0]=web port_pair_groups[0]=s symmetric=1",
	"upsert address_group name=inner addresses[0]=10.0.0.0/24 addresses[1]=2001:db8::1",
	"upsert address_group name=outer address_groups[0]=inner",
	"upsert security_group name=sg vrf=red members[0]=10.1.0.1",
	"upsert security_group_rule name=sgr security_group=sg direction=1 protocol=6 ports.first=22 "
	"remote_address_group=outer",
	"upsert policy_rule name=first vrf=red access=1 match.source_address_group=outer match.protocol=6 "
	"match.destination_ports.first=80 match.tcp_flags.mask=2 match.connection_states[0]=1",
	"upsert load_balancer name=lb vrf=red vip_address=10.9.0.1",
	"upsert pool name=full vrf=red forwarding=2",
	"upsert pool name=web vrf=red forwarding=2 session_persistence.type=2 member_connection_limit=9 "
	"overflow_pool=full "
	"latency_weights.step_percent=1",
	"upsert listener name=http load_balancer=lb protocol=6 ports.first=80 ports.last=89 pools[0].pool=web",
	"upsert member name=m1 pool=web address=10.1.0.7 monitor_address=10.1.0.8 monitor_port=81 next_hop_group=h "
	"quic_server_id=9",
	"upsert health_monitor name=alive pool=web type=2 url_path=/healthz domain_name=a.example",
	"upsert policy_rule name=pooled vrf=red service_pool.pool=web",
	"upsert policy_rule name=tunnel vrf=red observe=1 match.tunnel.tunnel_endpoint=t1",
	NULL,
};

static const char *const next[] = {
	"delete port_chain name=c",
	"delete port_pair name=p",
	"upsert port_pair name=q ingress=out egress=in",
	"upsert port_pair_group name=s port_pairs[0]=q",
	"upsert interface name=up device=eth1 vrf=under",
	"delete route vrf=red prefix=10.1.0.0/16",
	"upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=h",
	"delete next_hop_group name=g",
	"delete next_hop name=th",
	"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under",
	"create vrf name=green",
	"upsert address_group name=inner addresses[0]=10.0.0.0/25 address_groups[0]=more",
	"upsert listener name=http load_balancer=lb protocol=6 ports.first=443 pools[0].pool=full",
	"upsert listener name=range load_balancer=lb protocol=6 ports.first=80 ports.last=89 pools[0].pool=web",
	"upsert member name=m1 pool=full address=10.1.0.7",
	"upsert address_group name=more addresses[0]=10.0.1.0/24",
	"delete security_group_rule name=sgr",
	"upsert security_group name=sg vrf=green members[0]=10.1.0.1",
	"upsert policy_rule name=first vrf=green access=2 match.source_address_group=more",
	NULL,
};

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

/* With the n-th allocation failing, and the program at the end; false once there is no n-th. */
static bool refuse(unsigned int n, Sluice__V1__ApplyChangesRequest *request)
{
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);
	char *before = dump(&fixture), *after;
	struct error error = {0};
	bool failed;

	fake_program.fail = true;
	fail_in = n;
	assert_int_equal(control_apply(fixture.control, request, response, &error), -1);
	failed = fail_in == 0;
	fail_in = 0;
	after = dump(&fixture);
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	assert_string_equal(before, after);
	assert_null(response->result);
	message_free(response);
	free(before);
	free(after);
	return failed;
}

static void apply_all(const char *const *lines)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", lines);
	unsigned int n = 1;

	encode_text(&request->options->request_id, lines[0]);
	while (refuse(n, request))
		n++;
	assert_true(n > 50); /* it did go through many */
	message_free(request);
	fake_program.fail = false;
	must_apply(&fixture, lines);
}

static void test_apply(void **state)
{
	(void)state;
	apply_all(base);
	apply_all(next);
	assert_int_equal(fake_program.commits, 2);
}

/* Once packets see it, it was done, whatever the answer lacks; and its retry does not do it again. */
static void test_after_commit(void **state)
{
	bool failed = true;

	(void)state;
	fake_program.missing_device = "eth0";
	for (unsigned int n = 1; failed; n++) {
		const char *lines[] = {n % 2 ? "upsert vrf name=v" : "delete vrf name=v",
				       n % 2 ? "upsert interface name=i device=eth0 vrf=v" : "delete interface name=i",
				       NULL};
		Sluice__V1__ApplyChangesRequest *request = changes_of("test", lines);
		unsigned int commits = fake_program.commits;
		char id[16];

		snprintf(id, sizeof(id), "%u", n);
		encode_text(&request->options->request_id, id);
		for (int retry = 0; retry < 2; retry++) {
			Sluice__V1__ApplyChangesResponse *response =
				message_new(&sluice__v1__apply_changes_response__descriptor);
			struct error error = {0};
			int result;

			fail_in = retry ? 0 : n;
			result = control_apply(fixture.control, request, response, &error);
			failed = retry ? failed : fail_in == 0;
			fail_in = 0;
			assert_true(result || response->result->revision == fake_program.commits);
			assert_true(!retry || !result);
			message_free(response);
		}
		assert_true(fake_program.commits <= commits + 1);
		message_free(request);
	}
}

static void test_dry_run(void **state)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", next);
	char *before, *after;
	bool failed = true;

	(void)state;
	must_apply(&fixture, base);
	before = dump(&fixture);
	request->options->validate_only = true;
	for (unsigned int n = 1; failed; n++) {
		Sluice__V1__ApplyChangesResponse *response =
			message_new(&sluice__v1__apply_changes_response__descriptor);
		struct error error = {0};

		fail_in = n;
		if (control_apply(fixture.control, request, response, &error))
			assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
		failed = fail_in == 0;
		fail_in = 0;
		message_free(response);
	}
	after = dump(&fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	message_free(request);
}

static void test_transaction(void **state)
{
	Sluice__V1__BeginTransactionRequest begin = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	bool failed = true;

	(void)state;
	options.owner = "test";
	begin.options = &options;
	for (unsigned int n = 1; failed; n++) {
		Sluice__V1__BeginTransactionResponse *begun =
			message_new(&sluice__v1__begin_transaction_response__descriptor);
		Sluice__V1__CommitTransactionRequest commit = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
		Sluice__V1__CommitTransactionResponse *committed =
			message_new(&sluice__v1__commit_transaction_response__descriptor);
		Sluice__V1__StageChangesRequest *stage = stage_of("", base);
		unsigned int commits = fake_program.commits;
		struct error error = {0};
		uint64_t staged;

		fail_in = n;
		commit.options = &options;
		if (!control_begin(fixture.control, &begin, begun, &error) &&
		    !control_stage(fixture.control, begun->transaction_id, stage, &staged, &error)) {
			commit.transaction_id = begun->transaction_id;
			if (!control_commit(fixture.control, &commit, committed, &error))
				assert_int_equal(fake_program.commits, commits + 1);
		}
		failed = fail_in == 0;
		fail_in = 0;
		if (error.code)
			assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
		if (fake_program.commits > commits)
			must_apply(&fixture, LINES("delete port_chain name=c"));
		message_free(begun);
		message_free(committed);
		message_free(stage);
	}
}

static void test_reads(void **state)
{
	bool failed = true;

	(void)state;
	must_apply(&fixture, base);
	fake_observer_give(fixture.control);
	for (unsigned int n = 1; failed; n++) {
		Sluice__V1__GetResourceRequest get = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
		Sluice__V1__ListResourcesRequest list = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
		void *answers[] = {message_new(&sluice__v1__get_resource_response__descriptor),
				   message_new(&sluice__v1__get_system_response__descriptor),
				   message_new(&sluice__v1__list_limits_response__descriptor),
				   message_new(&sluice__v1__list_ports_response__descriptor),
				   message_new(&sluice__v1__list_packet_counters_response__descriptor),
				   message_new(&sluice__v1__preflight_response__descriptor)};
		Sluice__V1__PreflightRequest preflight = SLUICE__V1__PREFLIGHT_REQUEST__INIT;
		struct error error = {0};

		get.kind = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_INTERFACE;
		get.key = "up";
		fail_in = n;
		for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind)) {
			Sluice__V1__ListResourcesResponse page = SLUICE__V1__LIST_RESOURCES_RESPONSE__INIT;
			Sluice__V1__ListResourcesResponse *copy;

			list.kind = (Sluice__V1__ResourceKind)kind;
			list.page_size = 1;
			if (control_list(fixture.control, &list, &page, &error))
				assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
			copy = malloc(sizeof(page));
			if (!copy)
				copy = malloc(sizeof(page));
			*copy = page;
			message_free(copy);
		}
		control_get(fixture.control, &get, answers[0], &error);
		control_system(fixture.control, answers[1], &error);
		control_limits(fixture.control, answers[2], &error);
		control_ports(fixture.control, answers[3], &error);
		control_packet_counters(fixture.control, answers[4], &error);
		control_preflight(fixture.control, &preflight, answers[5], &error);
		failed = fail_in == 0;
		fail_in = 0;
		for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
			message_free(answers[i]);
	}
}

static void test_new(void **state)
{
	struct control *control;
	bool failed = true;

	(void)state;
	for (unsigned int n = 1; failed; n++) {
		fail_in = n;
		control = control_new(fixture.loop, NULL, NULL);
		failed = fail_in == 0;
		fail_in = 0;
		assert_true(failed == !control);
		control_free(control);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_apply),	CASE(test_after_commit), CASE(test_dry_run),
		CASE(test_transaction), CASE(test_reads),	 CASE(test_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

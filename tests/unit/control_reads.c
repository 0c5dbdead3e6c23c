/* SPDX-License-Identifier: Apache-2.0 */
/* Reads: states of every kind as they were written, paging on a pinned revision, the router's own figures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/reason.h"
#include "api/dp/bank.h"
#include "control_fixture.h"
#include "control_reads_base.h"
#include "vnf/control/commit/commit.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/read/pages.h"

static struct fixture fixture;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static Sluice__V1__GetResourceResponse *get(int kind, const char *key)
{
	Sluice__V1__GetResourceRequest request = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
	Sluice__V1__GetResourceResponse *response = message_new(&sluice__v1__get_resource_response__descriptor);

	request.kind = (Sluice__V1__ResourceKind)kind;
	request.key = (char *)key;
	error = (struct error){0};
	if (!control_get(fixture.control, &request, response, &error))
		return response;
	message_free(response);
	return NULL;
}

static Sluice__V1__ListResourcesResponse *list(int kind, uint32_t page_size, const char *token, const char *vrf)
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	Sluice__V1__ListResourcesResponse *response = message_new(&sluice__v1__list_resources_response__descriptor);

	request.kind = (Sluice__V1__ResourceKind)kind;
	request.page_size = page_size;
	request.page_token = (char *)token;
	request.vrf = (char *)vrf;
	error = (struct error){0};
	if (!control_list(fixture.control, &request, response, &error))
		return response;
	message_free(response);
	return NULL;
}

static void refused(int kind, uint32_t page_size, const char *token, const char *vrf, enum error_code code,
		    const char *field)
{
	assert_null(list(kind, page_size, token, vrf));
	assert_int_equal(error.code, code);
	assert_string_equal(error.fault[0].field, field);
}

/* What is read, written again, changes nothing: every kind is encoded as it was decoded. */
static void test_round_trip(void **state)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", LINES(NULL));
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);

	(void)state;
	request->changes = realloc(request->changes, 64 * sizeof(*request->changes));
	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind)) {
		Sluice__V1__ListResourcesResponse *page = list(kind, 0, "", "");

		assert_true(page->n_states > 0 || !kind_ops((enum resource_kind)kind)->decode);
		for (size_t i = 0; i < page->n_states; i++) {
			Sluice__V1__Change *change = message_new(&sluice__v1__change__descriptor);

			change->op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
			change->resource = page->states[i]->resource;
			page->states[i]->resource = NULL;
			request->changes[request->n_changes++] = change;
		}
		message_free(page);
	}
	error = (struct error){0};
	assert_int_equal(control_apply(fixture.control, request, response, &error), 0);
	assert_int_equal(response->result->unchanged, request->n_changes);
	assert_int_equal(response->result->revision, 1);
	message_free(request);
	message_free(response);
}

static void test_get(void **state)
{
	Sluice__V1__GetResourceResponse *response;

	(void)state;
	response = get(RESOURCE_INTERFACE, "up");
	assert_string_equal(response->state->key, "up");
	assert_string_equal(response->state->owner, "test");
	assert_int_equal(response->state->revision, 1);
	assert_int_equal(response->state->programmed, 1);
	assert_int_equal(response->state->resource->interface->inner_vlan_id, 6);
	assert_int_equal(response->state->counters->packets, DP_COUNTER_RX + 1);
	assert_int_equal(response->state->sent->packets, DP_COUNTER_TX + 1);
	assert_int_equal(response->state->interface_status->ifindex, 7);
	assert_string_equal(response->state->interface_status->mac, "02:00:00:00:00:07");
	assert_non_null(strstr(response->state->interface_status->note, "no device for VLAN"));
	message_free(response);
	response = get(RESOURCE_ROUTE, "red/10.0.0.0/8");
	assert_string_equal(response->state->key, "red/10.0.0.0/8");
	assert_int_equal(response->state->counters->packets, DP_COUNTER_ROUTES + 1);
	message_free(response);
	response = get(RESOURCE_MEMBER, "m1");
	assert_int_equal(response->state->member_status->state, SLUICE__V1__MEMBER_STATE__MEMBER_STATE_DOWN);
	assert_int_equal(response->state->member_status->share_per_mille, 250);
	assert_int_equal(response->state->counters->packets, dp_counter_members(fake_limits.routes) + 1);
	assert_int_equal(response->state->member_status->connections, 1);
	assert_true(response->state->member_status->opened == 10000000000);
	assert_int_equal(response->state->member_status->weight_factor_per_mille, 1000); /* nothing was reported */
	message_free(response);
	response = get(RESOURCE_TUNNEL_ENDPOINT, "t1");
	assert_string_equal(response->state->resource->tunnel_endpoint->local_address, "2001:db8::1");
	assert_int_equal(response->state->resource->tunnel_endpoint->udp_port, 6081);
	assert_int_equal(response->state->counters->packets, DP_COUNTER_DECAP + 1);
	assert_int_equal(response->state->sent->packets, DP_COUNTER_ENCAP + 1);
	assert_int_equal(response->state->tunnel_endpoint_status->path_mtu, 1400);
	assert_int_equal(response->state->tunnel_endpoint_status->path_mtu_age, 59);
	assert_true(response->state->tunnel_endpoint_status->fragments_refused == 10000000000);
	assert_non_null(strstr(response->state->tunnel_endpoint_status->note, "10000000000 fragments refused: raise"));
	message_free(response);
	response = get(RESOURCE_NEXT_HOP, "gw");
	assert_string_equal(response->state->next_hop_status->mac, "02:00:00:00:00:63");
	assert_null(response->state->counters);
	message_free(response);
	response = get(RESOURCE_NEXT_HOP, "lost");
	assert_string_equal(response->state->next_hop_status->mac, "");
	message_free(response);
	assert_null(get(RESOURCE_VRF, "none"));
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_null(get(RESOURCE_ROUTE, "red/10.0.0.1/8"));
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_null(get(RESOURCE_ROUTE, "red"));
	assert_string_equal(error.fault[0].field, "key");
	assert_null(get(0, "x"));
	assert_string_equal(error.fault[0].field, "kind");
	assert_null(get(99, "x"));
}

/* A route waits with its group, an interface for its device. */
static void test_wait(void **state)
{
	Sluice__V1__GetResourceResponse *response;
	const struct snapshot *newest = history_newest(&fixture.control->history);

	(void)state;
	snapshot_find(newest, RESOURCE_NEXT_HOP_GROUP, "g")->self->pending = PENDING_MEMBERS;
	response = get(RESOURCE_ROUTE, "red/10.0.0.0/8");
	assert_int_equal(response->state->programmed, 2);
	assert_non_null(strstr(response->state->reason, "next hops"));
	message_free(response);
}

static void add_routes(int count)
{
	const char **lines = calloc((size_t)count + 1, sizeof(*lines));

	for (int i = 0; i < count; i++) {
		char text[128];

		snprintf(text, sizeof(text), "upsert route vrf=%s prefix=172.16.%d.0/24 next_hop_group=g",
			 i % 2 ? "red" : "under", i);
		lines[i] = strdup(text);
	}
	must_apply(&fixture, lines);
	for (int i = 0; i < count; i++)
		free((void *)lines[i]);
	free(lines);
}

/* Counts what pages of the size show, and that they follow each other. */
static size_t read_all(uint32_t page_size, const char *vrf, uint64_t revision, bool disturb)
{
	char *token = strdup(""), previous[RESOURCE_KEY_TEXT] = "";
	size_t count = 0;

	do {
		Sluice__V1__ListResourcesResponse *page = list(RESOURCE_ROUTE, page_size, token, vrf);

		assert_non_null(page);
		assert_true(page->n_states <= page_size);
		assert_int_equal(page->revision, revision);
		for (size_t i = 0; i < page->n_states; i++) {
			assert_string_not_equal(page->states[i]->key, previous);
			snprintf(previous, sizeof(previous), "%s", page->states[i]->key);
			if (*vrf)
				assert_string_equal(page->states[i]->resource->route->vrf, vrf);
		}
		count += page->n_states;
		free(token);
		token = strdup(page->next_page_token);
		message_free(page);
		if (disturb) {
			must_apply(&fixture, LINES("delete route vrf=red prefix=172.16.5.0/24"));
			must_apply(&fixture, LINES("upsert route vrf=red prefix=172.16.5.0/24 next_hop_group=g"));
			fixture_turn(&fixture);
		}
	} while (*token);
	free(token);
	return count;
}

static void test_paging(void **state)
{
	(void)state;
	add_routes(20);
	assert_int_equal(read_all(3, "", 2, false), 21);
	assert_int_equal(read_all(7, "", 2, false), 21);
	assert_int_equal(read_all(3, "red", 2, false), 11);
	assert_int_equal(read_all(5, "under", 2, false), 10);
	assert_int_equal(read_all(1, "nothing", 2, false), 0);
	assert_int_equal(read_all(4, "", 2, true), 21);
	/* Nothing is held but what pages hold. */
	pages_free(fixture.control->reader.pages);
	fixture.control->reader.pages = pages_new();
	control_reclaim(fixture.control);
	assert_ptr_equal(fixture.control->history.oldest, history_newest(&fixture.control->history));
}

static void test_filter(void **state)
{
	Sluice__V1__ListResourcesResponse *page;

	(void)state;
	page = list(RESOURCE_INTERFACE, 1, "", "red");
	assert_string_equal(page->states[0]->key, "in");
	assert_true(*page->next_page_token);
	message_free(page);
	page = list(RESOURCE_FLOW_CLASSIFIER, 0, "", "under");
	assert_int_equal(page->n_states, 0);
	assert_string_equal(page->next_page_token, "");
	message_free(page);
	refused(RESOURCE_VRF, 0, "", "red", ERROR_INVALID_ARGUMENT, "vrf");
	refused(RESOURCE_VRF, 10001, "", "", ERROR_INVALID_ARGUMENT, "page_size");
	refused(0, 0, "", "", ERROR_INVALID_ARGUMENT, "kind");
}

static void test_tokens(void **state)
{
	Sluice__V1__ListResourcesResponse *page = list(RESOURCE_INTERFACE, 1, "", "");
	char *token = strdup(page->next_page_token), text[PAGE_TOKEN_TEXT];
	struct pages *other = pages_new();
	struct page_token parsed;

	(void)state;
	message_free(page);
	refused(RESOURCE_INTERFACE, 1, "nonsense", "", ERROR_INVALID_ARGUMENT, "page_token");
	refused(RESOURCE_INTERFACE, 1, "00", "", ERROR_INVALID_ARGUMENT, "page_token");
	refused(RESOURCE_VRF, 1, token, "", ERROR_INVALID_ARGUMENT, "page_token");
	refused(RESOURCE_INTERFACE, 1, token, "red", ERROR_INVALID_ARGUMENT, "page_token");
	/* Every damage shows. */
	for (size_t i = 0; token[i]; i++) {
		char right = token[i];

		token[i] = right == '0' ? '1' : '0';
		refused(RESOURCE_INTERFACE, 1, token, "", ERROR_INVALID_ARGUMENT, "page_token");
		token[i] = right;
	}
	/* Of a daemon before this one. */
	assert_int_equal(page_token_parse(fixture.control->reader.pages, token, &parsed, &error), 0);
	page_token_format(other, &parsed, text);
	refused(RESOURCE_INTERFACE, 1, text, "", ERROR_ABORTED, "page_token");
	pages_free(other);
	free(token);
}

/* A revision for each listing, which all go on to hold theirs. */
static void list_often(unsigned int times)
{
	for (unsigned int i = 0; i < times; i++) {
		must_apply(&fixture, LINES(i % 2 ? "delete vrf name=comes" : "upsert vrf name=comes"));
		message_free(list(RESOURCE_INTERFACE, 1, "", ""));
	}
}

/* Others may list as much as they like; but what all hold together has a bound, and the oldest goes first. */
static void test_tokens_of_old_revisions(void **state)
{
	Sluice__V1__ListResourcesResponse *page = list(RESOURCE_INTERFACE, 1, "", "");
	struct history *history = &fixture.control->history;
	char *token = strdup(page->next_page_token);

	(void)state;
	message_free(page);
	list_often(300);
	control_reclaim(fixture.control);
	page = list(RESOURCE_INTERFACE, 1, token, "");
	assert_int_equal(page->n_states, 1);
	message_free(page);
	assert_in_range(history->bytes, 300 * sizeof(struct snapshot), 1 << 20);
	assert_true(pages_drop_oldest(fixture.control->reader.pages));
	refused(RESOURCE_INTERFACE, 1, token, "", ERROR_ABORTED, "page_token");
	free(token);

	page = list(RESOURCE_INTERFACE, 1, "", "");
	token = strdup(page->next_page_token);
	message_free(page);
	list_often(1);
	history->bytes += PAGES_BYTES; /* as if so much had changed */
	control_reclaim(fixture.control);
	refused(RESOURCE_INTERFACE, 1, token, "", ERROR_ABORTED, "page_token");
	assert_ptr_equal(history->oldest, history_newest(history));
	assert_int_equal(history->bytes, PAGES_BYTES);
	history->bytes = 0;
	assert_true(pages_drop_oldest(fixture.control->reader.pages)); /* the newest costs nothing: it was left */
	assert_false(pages_drop_oldest(fixture.control->reader.pages));
	free(token);
	list_often(PAGES_REVISIONS + 10);
}

static void test_system(void **state)
{
	Sluice__V1__GetSystemResponse *system = message_new(&sluice__v1__get_system_response__descriptor);
	Sluice__V1__ListLimitsResponse *limits = message_new(&sluice__v1__list_limits_response__descriptor);
	Sluice__V1__ListPortsResponse *ports = message_new(&sluice__v1__list_ports_response__descriptor);
	Sluice__V1__ListPacketCountersResponse *counters =
		message_new(&sluice__v1__list_packet_counters_response__descriptor);

	(void)state;
	assert_int_equal(control_system(fixture.control, system, &error), 0);
	assert_int_equal(system->revision, 1);
	assert_int_equal(system->generation, 1);
	assert_int_equal(strlen(system->boot_id), 36);
	assert_int_equal(system->boot_id[14], '4');
	assert_true(*system->version && *system->kernel_release);
	assert_int_equal(control_limits(fixture.control, limits, &error), 0);
	assert_int_equal(limit_named(limits, "fib_words")->used, 7);
	assert_string_equal(limits->limits[0]->name, "vrfs");
	assert_int_equal(limits->limits[0]->used, 2);
	assert_int_equal(limits->limits[0]->maximum, fake_limits.vrfs);
	assert_string_equal(limits->limits[5]->name, "routes");
	assert_int_equal(limits->limits[5]->maximum, fake_limits.routes);
	/* Rules of security groups among them. */
	assert_int_equal(limit_named(limits, "policy_rules")->used, 8);
	assert_int_equal(limit_named(limits, "vni_bindings")->used, 1);
	assert_int_equal(limit_named(limits, "vni_bindings")->maximum, fake_limits.vni_bindings);
	assert_int_equal(control_ports(fixture.control, ports, &error), 0);
	assert_int_equal(ports->n_ports, 20);
	assert_string_equal(ports->ports[19]->device, "eth0");
	assert_int_equal(control_packet_counters(fixture.control, counters, &error), 0);
	assert_int_equal(counters->n_counters, DP_REASON_COUNT);
	assert_string_equal(counters->counters[DP_REASON_no_route]->name, "no_route");
	assert_int_equal(counters->counters[DP_REASON_no_route]->verdict, 3);
	assert_int_equal(counters->counters[DP_REASON_no_route]->counters->packets, DP_REASON_no_route);
	message_free(system);
	message_free(limits);
	message_free(ports);
	message_free(counters);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_round_trip),
		CASE(test_get),
		CASE(test_wait),
		CASE(test_paging),
		CASE(test_filter),
		CASE(test_tokens),
		CASE(test_tokens_of_old_revisions),
		CASE(test_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of packets without a route or a way: Vrf.fallback and Discard.reason, as clients write and read them. */
#include "control_fixture.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

#define INVALID ERROR_INVALID_ARGUMENT
#define R	"changes[0].resource."

static void refusals(void **state)
{
	static const struct {
		const char *line, *field, *text;
	} rules[] = {
		{"upsert vrf name=x fallback=3", R "vrf.fallback", "0 to 2"},
		{"upsert vrf name=x fallback_table=77", R "vrf.fallback_table", "no effect without fallback KERNEL"},
		{"upsert vrf name=x fallback=1 fallback_table=77", R "vrf.fallback_table", "no effect"},
		{"upsert next_hop name=x discard.reason=4", R "next_hop.discard.reason", "0 to 3"},
	};
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		must_refuse(&fixture, INVALID, rules[i].field, rules[i].text, LINES(rules[i].line));
	fixture_free(&fixture);
}

/* Applied once more, the same changes nothing. */
static void must_be(struct fixture *fixture, const char *line, uint64_t revision)
{
	struct error error = {0};
	Sluice__V1__ApplyChangesResponse *response;

	for (int again = 0; again < 2; again++) {
		response = apply(fixture, &error, LINES(line));
		assert_non_null(response);
		assert_int_equal(response->result->revision, revision);
		assert_int_equal(response->result->unchanged, again);
		message_free(response);
	}
}

static Sluice__V1__GetResourceResponse *get(struct fixture *fixture, enum resource_kind kind, char *key)
{
	Sluice__V1__GetResourceRequest request = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
	Sluice__V1__GetResourceResponse *response = message_new(&sluice__v1__get_resource_response__descriptor);
	struct error error = {0};

	request.kind = (Sluice__V1__ResourceKind)kind;
	request.key = key;
	assert_int_equal(control_get(fixture->control, &request, response, &error), 0);
	return response;
}

static void check_vrf(struct fixture *fixture, Sluice__V1__RouteFallback fallback, uint32_t table)
{
	Sluice__V1__GetResourceResponse *response = get(fixture, RESOURCE_VRF, "x");

	assert_int_equal(response->state->resource->vrf->fallback, fallback);
	assert_int_equal(response->state->resource->vrf->fallback_table, table);
	message_free(response);
}

static void a_vrf_says_what_it_falls_back_to(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_be(&fixture, "upsert vrf name=x", 1);
	check_vrf(&fixture, SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_NONE, 0);
	must_be(&fixture, "upsert vrf name=x fallback=2", 2);
	check_vrf(&fixture, SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_KERNEL, 0);
	must_be(&fixture, "upsert vrf name=x fallback=2 fallback_table=4294967295", 3);
	check_vrf(&fixture, SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_KERNEL, UINT32_MAX);
	must_be(&fixture, "upsert vrf name=x fallback=2 fallback_table=7", 4);
	must_be(&fixture, "upsert vrf name=x fallback=1", 5);
	check_vrf(&fixture, SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_NONE, 0);
	fixture_free(&fixture);
}

static void check_discard(struct fixture *fixture, Sluice__V1__DiscardReason reason)
{
	Sluice__V1__GetResourceResponse *response = get(fixture, RESOURCE_NEXT_HOP, "n");

	assert_int_equal(response->state->resource->next_hop->target_case, SLUICE__V1__NEXT_HOP__TARGET_DISCARD);
	assert_int_equal(response->state->resource->next_hop->discard->reason, reason);
	message_free(response);
}

static void a_discard_has_a_reason(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_be(&fixture, "upsert next_hop name=n discard=", 1);
	check_discard(&fixture, SLUICE__V1__DISCARD_REASON__DISCARD_REASON_BLACKHOLE);
	must_be(&fixture, "upsert next_hop name=n discard.reason=2", 2);
	check_discard(&fixture, SLUICE__V1__DISCARD_REASON__DISCARD_REASON_UNREACHABLE);
	must_be(&fixture, "upsert next_hop name=n discard.reason=3", 3);
	check_discard(&fixture, SLUICE__V1__DISCARD_REASON__DISCARD_REASON_PROHIBIT);
	must_be(&fixture, "upsert next_hop name=n discard.reason=1", 4);
	check_discard(&fixture, SLUICE__V1__DISCARD_REASON__DISCARD_REASON_BLACKHOLE);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(a_vrf_says_what_it_falls_back_to),
		cmocka_unit_test(a_discard_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "control_fixture.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/reconcile/policy_costs.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/core/loop.h"
#include "vnf/core/rcu.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/bank/limits.h"

struct fake_program fake_program;
#define MOST(name, small, internet, most) .name = most,
struct dp_limits fake_limits = {LIMITS(MOST)};

/* --- the program --- */

static bool has_room(const struct delta_entry *entry)
{
	return !fake_program.full || entry->before || !entry->after || entry->after->kind != RESOURCE_VRF ||
	       strcmp(entry->after->self->text, fake_program.full) < 0;
}

void reconciler_report_to(struct reconciler *reconciler, const struct events *events)
{
	(void)reconciler;
	(void)events;
}

int reconciler_commit(struct reconciler *reconciler, const struct snapshot *next, const struct delta *delta,
		      const struct reconciler_gate *gate, struct error *error)
{
	(void)reconciler;
	for (size_t i = 0; i < delta->count; i++)
		fake_program.fail |= !has_room(&delta->entry[i]);
	if (fake_program.fail) {
		fake_program.fail = false;
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "table full");
		return -ENOSPC;
	}
	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *after = delta->entry[i].after;
		struct resource_key key;

		assert_true(delta->entry[i].before || after);
		for (size_t j = 0; j < i && delta->count < 100; j++)
			assert_false(resource_same_key(after ? after : delta->entry[i].before,
						       delta->entry[j].after ? delta->entry[j].after
									     : delta->entry[j].before));
		if (!after)
			continue;
		key = resource_key(after);
		assert_ptr_equal(snapshot_find_key(next, after->kind, &key), after);
		assert_true(resource_id(after) > 0);
		if (after->kind == RESOURCE_INTERFACE && fake_program.missing_device &&
		    strcmp(((const struct interface *)after)->device, fake_program.missing_device) == 0)
			after->self->pending = PENDING_DEVICE;
	}
	if (gate && gate->pass(gate->context, error))
		return -EIO;
	fake_program.commits++;
	fake_program.generation++;
	return 0;
}

int reconciler_sync_banks(struct reconciler *reconciler)
{
	(void)reconciler;
	fake_program.settles++;
	return 0;
}

void reconciler_start_at(struct reconciler *reconciler, uint64_t generation)
{
	(void)reconciler;
	fake_program.generation = generation;
}

const struct policy_costs *reconciler_policy_costs(const struct reconciler *reconciler)
{
	static const struct policy_costs none;

	(void)reconciler;
	return &none;
}

uint64_t reconciler_generation(const struct reconciler *reconciler)
{
	(void)reconciler;
	return fake_program.generation;
}

void reconciler_device(struct reconciler *reconciler, const char *device, struct device_facts *facts)
{
	(void)reconciler;
	*facts = (struct device_facts){0};
	if (fake_program.missing_device && !strcmp(device, fake_program.missing_device))
		return;
	*facts = (struct device_facts){.ifindex = 7, .mtu = 1500, .mac = {2, 0, 0, 0, 0, 7}, .up = 1, .xdp_mode = 1};
	snprintf(facts->name, sizeof(facts->name), "%s", device);
}

int reconciler_port(struct reconciler *reconciler, size_t n, struct device_facts *facts)
{
	if (n >= 20)
		return -ENOENT;
	reconciler_device(reconciler, "eth0", facts);
	return 0;
}

int reconciler_neighbour(struct reconciler *reconciler, const char *device, const struct ip_address *address,
			 uint8_t mac[6])
{
	(void)reconciler;
	(void)device;
	if (address->byte[3] == 99)
		return -ENOENT;
	memcpy(mac, "\2\0\0\0\0\x63", 6);
	return 0;
}

/* --- the fixture --- */

void fixture_new(struct fixture *fixture)
{
	fake_program = (struct fake_program){0};
	rcu_thread_enter();
	fixture->loop = loop_new();
	assert_non_null(fixture->loop);
	fixture->control = control_new(fixture->loop, NULL, NULL);
	assert_non_null(fixture->control);
}

void fixture_free(struct fixture *fixture)
{
	control_free(fixture->control);
	loop_free(fixture->loop);
	rcu_thread_leave();
}

void fixture_turn(struct fixture *fixture)
{
	event_base_loop(loop_base(fixture->loop), EVLOOP_NONBLOCK);
}

void fixture_wait(struct fixture *fixture, bool (*done)(struct fixture *fixture))
{
	time_t deadline = time(NULL) + 10;

	while (!done(fixture)) {
		struct timeval step = {.tv_usec = 20000};

		assert_true(time(NULL) < deadline);
		event_base_loopexit(loop_base(fixture->loop), &step);
		event_base_loop(loop_base(fixture->loop), 0);
	}
}

Sluice__V1__ApplyChangesResponse *apply(struct fixture *fixture, struct error *error, const char *const *lines)
{
	Sluice__V1__ApplyChangesResponse *response = message_of(&sluice__v1__apply_changes_response__descriptor, "");
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", lines);
	int result;

	*error = (struct error){0};
	result = control_apply(fixture->control, request, response, error);
	message_free(request);
	if (!result)
		return response;
	assert_true(error->code != ERROR_NONE && error->count > 0);
	message_free(response);
	return NULL;
}

void must_apply(struct fixture *fixture, const char *const *lines)
{
	Sluice__V1__ApplyChangesResponse *response;
	struct error error;

	response = apply(fixture, &error, lines);
	if (!response)
		fail_msg("%s: %s: %s", error_code_name(error.code), error.fault[0].field, error.fault[0].message);
	message_free(response);
}

void must_refuse(struct fixture *fixture, enum error_code code, const char *field, const char *text,
		 const char *const *lines)
{
	char *before = dump(fixture), *after;
	struct error error;

	assert_null(apply(fixture, &error, lines));
	after = dump(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	for (size_t i = 0; i < error.count && i < ERROR_FAULTS; i++)
		if (error.code == code && strcmp(error.fault[i].field, field) == 0 &&
		    strstr(error.fault[i].message, text))
			return;
	for (size_t i = 0; i < error.count && i < ERROR_FAULTS; i++)
		print_error("%s: %s: %s\n", error_code_name(error.code), error.fault[i].field, error.fault[i].message);
	fail_msg("expected %s: %s: ...%s...", error_code_name(code), field, text);
}

char *dump(struct fixture *fixture)
{
	size_t size;
	char *text;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind)) {
		Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
		Sluice__V1__ListResourcesResponse *page =
			message_of(&sluice__v1__list_resources_response__descriptor, "");
		struct error error = {0};

		request.kind = (Sluice__V1__ResourceKind)kind;
		request.page_size = 10000;
		assert_int_equal(control_list(fixture->control, &request, page, &error), 0);
		fprintf(file, "%d at %lu:", kind, (unsigned long)page->revision);
		for (size_t i = 0; i < page->n_states; i++) {
			size_t bytes = protobuf_c_message_get_packed_size(&page->states[i]->base);
			uint8_t *packed = malloc(bytes);

			protobuf_c_message_pack(&page->states[i]->base, packed);
			fprintf(file, " %s ", page->states[i]->key);
			for (size_t b = 0; b < bytes; b++)
				fprintf(file, "%02x", packed[b]);
			free(packed);
		}
		fprintf(file, "\n");
		message_free(page);
	}
	fclose(file);
	return text;
}

const Sluice__V1__Limit *limit_named(const Sluice__V1__ListLimitsResponse *limits, const char *name)
{
	for (size_t i = 0; i < limits->n_limits; i++)
		if (!strcmp(limits->limits[i]->name, name))
			return limits->limits[i];
	fail_msg("no limit %s", name);
	return NULL;
}

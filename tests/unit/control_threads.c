/* SPDX-License-Identifier: Apache-2.0 */
/* Readers on their own threads while the control thread commits: every listing is of one revision, whole. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/rcu.h"

#define READERS 3
#define ROUTES	40
#define COMMITS 300

struct reading_thread {
	pthread_t thread;
	struct control *control;
	atomic_bool *stop;
	unsigned int listings, torn, refused;
};

/* Each revision's routes all go to one group: pages that show two are torn. */
static void read_once(struct reading_thread *reader, char **token, char *group, size_t *seen)
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	Sluice__V1__ListResourcesResponse *page = message_new(&sluice__v1__list_resources_response__descriptor);
	struct error error = {0};

	request.kind = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE;
	request.page_size = 7;
	request.page_token = *token;
	if (control_list(reader->control, &request, page, &error)) {
		/* So many revisions pass that its own may be let go. */
		reader->refused += error.code != ERROR_ABORTED;
		message_free(page);
		free(*token);
		*token = strdup("");
		*seen = 0;
		return;
	}
	for (size_t i = 0; i < page->n_states; i++) {
		const char *its = page->states[i]->resource->route->next_hop_group;

		if (!(*seen)++)
			snprintf(group, 8, "%s", its);
		reader->torn += strcmp(group, its) != 0;
	}
	free(*token);
	*token = strdup(page->next_page_token);
	if (!**token) {
		reader->torn += *seen != 0 && *seen != ROUTES;
		reader->listings++;
		*seen = 0;
	}
	message_free(page);
}

static void *read_on(void *context)
{
	struct reading_thread *reader = context;
	char *token = strdup(""), group[8] = "";
	size_t seen = 0;

	rcu_thread_enter();
	while (!atomic_load(reader->stop) || reader->listings == 0)
		read_once(reader, &token, group, &seen);
	rcu_thread_leave();
	free(token);
	return NULL;
}

static void test_readers(void **state)
{
	struct reading_thread readers[READERS] = {0};
	struct fixture fixture;
	atomic_bool stop = false;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("upsert vrf name=v", "upsert next_hop name=d discard="));
	for (int i = 0; i < READERS; i++) {
		readers[i].control = fixture.control;
		readers[i].stop = &stop;
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
	}
	for (int commit = 0; commit < COMMITS; commit++) {
		const char *lines[ROUTES + 3] = {0};
		char text[ROUTES + 2][96];

		snprintf(text[0], sizeof(text[0]), "upsert next_hop_group name=g%d members[0].next_hop=d", commit);
		snprintf(text[1], sizeof(text[1]), "delete next_hop_group name=g%d", commit - 1);
		for (int i = 0; i < ROUTES; i++)
			snprintf(text[i + 2], sizeof(text[0]),
				 "upsert route vrf=v prefix=10.0.%d.0/24 next_hop_group=g%d", i, commit);
		for (int i = 0; i < ROUTES + 2; i++)
			lines[i] = text[i];
		must_apply(&fixture, lines);
		fixture_turn(&fixture);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		assert_true(readers[i].listings > 0);
		assert_int_equal(readers[i].torn, 0);
		assert_int_equal(readers[i].refused, 0);
	}
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

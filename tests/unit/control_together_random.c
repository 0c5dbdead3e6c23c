/* SPDX-License-Identifier: Apache-2.0 */
/* The same writes one by one and together must come to the same: every answer, and the state at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "vnf/control/kinds/encode.h"

#define WRITES 16
#define ROUNDS 1000

static const char *const base[] = {
	"upsert vrf name=v0",
	"upsert vrf name=v1",
	"upsert vrf name=v2",
	"upsert next_hop name=h0 discard=",
	"upsert next_hop name=h1 discard=",
	"upsert next_hop name=h2 discard=",
	"upsert next_hop_group name=g0 members[0].next_hop=h0",
	"upsert next_hop_group name=g1 members[0].next_hop=h1",
	"upsert next_hop_group name=g2 members[0].next_hop=h2",
	NULL,
};

/* A write that was handed in. */
struct waiting {
	struct control_answer answer;
	Sluice__V1__ApplyChangesRequest *request;
	Sluice__V1__ApplyChangesResponse *response;
	struct error error;
	bool answered;
};

static struct fixture fixture;
static struct waiting waiting[WRITES];
static unsigned int submitted;

static void on_answer(struct control_answer *answer)
{
	((struct waiting *)answer)->answered = true;
}

static void submit_request(Sluice__V1__ApplyChangesRequest *request)
{
	struct waiting *write = &waiting[submitted++];

	assert_true(submitted <= WRITES);
	*write = (struct waiting){.answer = {.done = on_answer}, .request = request};
	write->response = message_new(&sluice__v1__apply_changes_response__descriptor);
	control_submit_apply(fixture.control, write->request, write->response, &write->error, &write->answer);
}

static void forget(void)
{
	for (unsigned int i = 0; i < submitted; i++) {
		assert_true(waiting[i].answered);
		assert_true(!waiting[i].response->result == (waiting[i].error.code != ERROR_NONE));
		message_free(waiting[i].request);
		message_free(waiting[i].response);
	}
	submitted = 0;
}

static unsigned int random_state;

static unsigned int random_below(unsigned int limit)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 16) % limit;
}

/* One to three changes of a few resources that refer to each other; some are refused. */
static Sluice__V1__ApplyChangesRequest *random_request(void)
{
	static const char *const ops[] = {"upsert", "upsert", "upsert",	 "upsert", "upsert",
					  "upsert", "create", "replace", "delete", "delete"};
	const char *lines[4] = {0};
	char text[3][128];
	unsigned int count = 1 + random_below(3);

	for (unsigned int i = 0; i < count; i++) {
		const char *op = ops[random_below(10)];
		unsigned int a = random_below(3), b = random_below(3);

		switch (random_below(8)) {
		case 0:
			if (random_below(2))
				snprintf(text[i], sizeof(text[i]), "upsert vrf name=x%u", random_below(2000));
			else
				snprintf(text[i], sizeof(text[i]), "%s vrf name=v%u router_mac=02:00:00:00:00:0%u", op,
					 a, b);
			break;
		case 1:
			snprintf(text[i], sizeof(text[i]), "%s interface name=i%u vrf=v%u device=e%u", op, a, b,
				 random_below(3));
			break;
		case 2:
			snprintf(text[i], sizeof(text[i]), "%s next_hop name=h%u discard=", op, a);
			break;
		case 3:
			snprintf(text[i], sizeof(text[i]), "%s next_hop_group name=g%u members[0].next_hop=h%u", op, a,
				 b);
			break;
		default:
			snprintf(text[i], sizeof(text[i]), "%s route vrf=v%u prefix=10.%u.0.0/16 next_hop_group=g%u",
				 op, a, b, random_below(3));
		}
		lines[i] = text[i];
	}
	return changes_of(random_below(40) ? "test" : "other", lines);
}

/* What a client hears, but for the generation. */
static void print_answer(FILE *file, const struct waiting *write)
{
	Sluice__V1__WriteResult *result = write->response->result;
	uint8_t packed[4096];
	size_t size;

	fprintf(file, "%d %s:", write->error.code, write->error.count ? write->error.fault[0].message : "");
	if (result)
		result->generation = 0;
	size = protobuf_c_message_get_packed_size(&write->response->base);
	assert_true(size <= sizeof(packed));
	protobuf_c_message_pack(&write->response->base, packed);
	for (size_t i = 0; i < size; i++)
		fprintf(file, "%02x", packed[i]);
	fprintf(file, "\n");
}

/* All answers and the state after them; `together`: as many at a time as chance will have it. */
static char *play(bool together, unsigned int *commits)
{
	FILE *file;
	size_t size;
	char *text, *state;

	fixture_new(&fixture);
	fake_program.uncounted = true; /* ids are not the same */
	file = open_memstream(&text, &size);
	random_state = 1;
	must_apply(&fixture, base);
	for (int round = 0; round < ROUNDS; round++) {
		unsigned int writes = 1 + random_below(WRITES);

		/* Now and then one of them has no room. */
		fake_program.full = random_below(8) ? NULL : "x";
		for (unsigned int i = 0; i < writes; i++) {
			submit_request(random_request());
			if (!together)
				fixture_turn(&fixture);
		}
		fixture_turn(&fixture);
		for (unsigned int i = 0; i < writes; i++)
			print_answer(file, &waiting[i]);
		forget();
	}
	state = dump(&fixture);
	fputs(state, file);
	free(state);
	fclose(file);
	*commits = fake_program.commits;
	fixture_free(&fixture);
	return text;
}

static void test_as_one_by_one(void **state)
{
	unsigned int alone_commits, together_commits;
	char *alone = play(false, &alone_commits), *together = play(true, &together_commits);

	(void)state;
	for (size_t at = 0;; at++)
		if (alone[at] != together[at] || !alone[at]) {
			if (alone[at] != together[at])
				fail_msg("%.200s\nbut together\n%.200s", &alone[at], &together[at]);
			break;
		}
	print_message("%u commits by %u flips\n", alone_commits, together_commits);
	assert_true(alone_commits > ROUNDS);
	assert_true(together_commits < alone_commits);
	free(alone);
	free(together);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Random commits of two owners, rollbacks to random revisions, confirmations that come or do not, restarts and rewrites
 * of the journal, against a model that remembers every state as text. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_history_fixture.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

#define ROUNDS 3000

static const char *const owners[] = {"a", "b"};
static char *states[2][ROUNDS * 2]; /* of an owner at a revision: its resources, a line each */
static uint64_t confirm_id[2];	    /* of what waits; 0: nothing */
static unsigned int random_state;
static unsigned int rollbacks, refused, undone, differences;

static unsigned int below(unsigned int limit)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 16) % limit;
}

static void print_line(FILE *file, unsigned int kind, const char *key, const Sluice__V1__Resource *message)
{
	size_t size = sluice__v1__resource__get_packed_size(message);
	uint8_t *bytes = malloc(size + 1);

	sluice__v1__resource__pack(message, bytes);
	fprintf(file, "%u %s ", kind, key);
	for (size_t i = 0; i < size; i++)
		fprintf(file, "%02x", bytes[i]);
	fprintf(file, "\n");
	free(bytes);
}

static char *state_of(const char *owner)
{
	const struct snapshot *snapshot = history_newest(&fixture.control->history);
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		for (const struct resource *at = snapshot_next(snapshot, (enum resource_kind)kind, NULL); at;
		     at = snapshot_next(snapshot, (enum resource_kind)kind, at)) {
			char key[RESOURCE_KEY_TEXT];
			Sluice__V1__Resource *message;

			if (strcmp(at->owner->text, owner) != 0)
				continue;
			message = resource_encode(at);
			print_line(file, kind, resource_key_format(at, key), message);
			message_free(message);
		}
	fclose(file);
	return text;
}

static uint64_t revision(void)
{
	return history_newest(&fixture.control->history)->revision;
}

/* The state of the revision that was just made, or that is still there. */
static void remember(uint64_t before)
{
	assert_true(revision() == before || revision() == before + 1);
	assert_true(revision() < ROUNDS * 2);
	for (int i = 0; i < 2; i++) {
		char *now = state_of(owners[i]);

		if (revision() == before)
			assert_string_equal(now, states[i][before]);
		free(states[i][revision()]);
		states[i][revision()] = now;
	}
}

static void commit(int owner)
{
	const char *lines[4] = {0};
	char text[3][128];
	unsigned int count = 1 + below(3);
	uint32_t seconds = confirm_id[owner] || below(5) == 0 ? 1000 : 0;
	uint64_t before = revision();
	Sluice__V1__ApplyChangesRequest *request;
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);

	for (unsigned int i = 0; i < count; i++) {
		const char *op = below(4) ? "upsert" : "delete";
		unsigned int a = below(4), b = below(4);

		switch (below(4)) {
		case 0:
			snprintf(text[i], sizeof(text[i]), "%s vrf name=v%u router_mac=02:00:00:00:00:0%u", op, a, b);
			break;
		case 1:
			snprintf(text[i], sizeof(text[i]), "%s next_hop name=h%u discard=", op, a);
			break;
		case 2:
			snprintf(text[i], sizeof(text[i]), "%s next_hop_group name=g%u members[0].next_hop=h%u", op, a,
				 b);
			break;
		default:
			snprintf(text[i], sizeof(text[i]), "%s route vrf=v%u prefix=10.%u.0.0/16 next_hop_group=g%u",
				 op, a, b, below(4));
		}
		lines[i] = text[i];
	}
	last_error = (struct error){0};
	request = changes_of(owners[owner], lines);
	request->options->confirm_seconds = seconds;
	if (!control_apply(fixture.control, request, response, &last_error) && seconds && revision() > before &&
	    !confirm_id[owner])
		confirm_id[owner] = revision();
	message_free(request);
	message_free(response);
	remember(before);
}

static void roll_back(int owner)
{
	uint64_t before = revision(), to = below((unsigned int)before + 1);
	enum error_code code;

	if (below(2) && to + 10 < before)
		to = before - below(10);
	code = rollback_as(owners[owner], to, 0);
	remember(before);
	if (confirm_id[owner] && to >= confirm_id[owner]) {
		assert_int_equal(code, ERROR_FAILED_PRECONDITION);
		return;
	}
	if (code) {
		assert_int_equal(code, ERROR_FAILED_PRECONDITION);
		assert_string_equal(last_error.fault[0].field, "revision");
		refused++;
		assert_int_equal(revision(), before);
		return;
	}
	rollbacks++;
	assert_string_equal(states[owner][revision()], states[owner][to]);
	assert_string_equal(states[!owner][revision()], states[!owner][before]);
	confirm_id[owner] = 0;
}

static void run_out(int owner)
{
	uint64_t before = revision(), id = confirm_id[owner];
	const struct revision *last;
	Sluice__V1__Revision *message;

	if (!id)
		return;
	let_time_run_out(owners[owner]);
	remember(before);
	assert_null(confirmation_find(fixture.control->committer.confirmations, owners[owner]));
	confirm_id[owner] = 0;
	assert_string_equal(states[!owner][revision()], states[!owner][before]);
	if (revision() == before)
		return;
	last = revisions_find(fixture.control->committer.revisions, revision());
	message = sluice__v1__revision__unpack(NULL, last->about_size, last->about);
	if (!message->n_left) {
		assert_string_equal(states[owner][revision()], states[owner][id - 1]);
		undone++;
	}
	message_free(message);
}

/* The lines of one text that the other lacks. */
static void print_missing(FILE *file, const char *of, const char *in, const char *sign)
{
	while (*of) {
		int length = (int)(strchr(of, '\n') - of) + 1;
		char *line = strndup(of, (size_t)length);
		const char *at = strstr(in, line);

		while (at && at != in && at[-1] != '\n')
			at = strstr(at + 1, line);
		if (!at)
			fprintf(file, "%s%s", sign, line);
		free(line);
		of += length;
	}
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Takes and returns a text of its own. */
static char *sorted(char *text)
{
	char *line[256], *result, *rest = text;
	size_t count = 0, size;
	FILE *file = open_memstream(&result, &size);

	for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest))
		line[count++] = at;
	qsort(line, count, sizeof(*line), compare_lines);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s\n", line[i]);
	fclose(file);
	free(text);
	return result;
}

/* What the router says is different, in pages of three. */
static char *differences_of(uint64_t from, uint64_t to)
{
	Sluice__V1__DiffRevisionsRequest request = SLUICE__V1__DIFF_REVISIONS_REQUEST__INIT;
	char *text, *token = strdup("");
	size_t size;
	FILE *file = open_memstream(&text, &size);

	request.from_revision = from;
	request.to_revision = to;
	request.page_size = 3;
	do {
		Sluice__V1__DiffRevisionsResponse *page = message_new(&sluice__v1__diff_revisions_response__descriptor);
		struct error error = {0};

		request.page_token = token;
		if (control_diff_revisions(fixture.control, &request, page, &error))
			fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
		for (size_t i = 0; i < page->n_differences; i++) {
			const Sluice__V1__Difference *one = page->differences[i];

			differences++;
			if (one->before) {
				fputc('-', file);
				print_line(file, one->kind, one->key, one->before);
			}
			if (one->after) {
				fputc('+', file);
				print_line(file, one->kind, one->key, one->after);
			}
		}
		free(token);
		token = strdup(page->next_page_token);
		message_free(page);
	} while (*token);
	free(token);
	fclose(file);
	return sorted(text);
}

static char *both(uint64_t at)
{
	char *text;

	assert_true(asprintf(&text, "%s%s", states[0][at], states[1][at]) >= 0);
	return text;
}

static void compare(void)
{
	uint64_t from = below((unsigned int)revision() + 1), to = below((unsigned int)revision() + 1);
	char *before = both(from), *after = both(to), *told = differences_of(from, to), *expected;
	size_t size;
	FILE *file = open_memstream(&expected, &size);

	print_missing(file, before, after, "-");
	print_missing(file, after, before, "+");
	fclose(file);
	expected = sorted(expected);
	assert_string_equal(told, expected);
	free(before);
	free(after);
	free(told);
	free(expected);
}

static void begin_again(void)
{
	char *before = history_text(0), *after;

	if (below(2))
		assert_int_equal(recorder_rewrite_now(&fixture.control->committer.recorder), 0);
	restart();
	after = history_text(0);
	assert_string_equal(before, after);
	free(before);
	free(after);
	remember(revision());
}

static void test_random(void **state)
{
	(void)state;
	random_state = 1;
	for (int i = 0; i < 2; i++)
		states[i][0] = strdup("");
	for (int round = 0; round < ROUNDS; round++) {
		int owner = (int)below(2);

		switch (below(16)) {
		case 0:
		case 1:
			roll_back(owner);
			break;
		case 2:
			run_out(owner);
			break;
		case 3:
			if (below(3))
				break;
			if (confirm_id[owner])
				assert_int_equal(confirm_as(owners[owner], confirm_id[owner]), ERROR_NONE);
			confirm_id[owner] = 0;
			break;
		case 4:
			compare();
			break;
		case 5:
			if (below(8) == 0)
				begin_again();
			break;
		default:
			commit(owner);
		}
	}
	printf("%llu revisions, %u rollbacks, %u refused, %u undone, %u differences\n", (unsigned long long)revision(),
	       rollbacks, refused, undone, differences);
	assert_true(rollbacks > 50 && refused > 20 && undone > 20 && differences > 500);
	for (int i = 0; i < 2; i++)
		for (size_t at = 0; at < ROUNDS * 2; at++)
			free(states[i][at]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, journal_set_up, journal_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

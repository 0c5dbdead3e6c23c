/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ctl_fake.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/json/field.h"
#include "vnf/ctl/kind.h"

Sluice__V1__Durability fake_durability;
bool fake_is_old;

void *fake_copy(const void *message)
{
	const ProtobufCMessage *from = message;
	size_t size = protobuf_c_message_get_packed_size(from);
	uint8_t *bytes = malloc(size + 1);
	ProtobufCMessage *to;

	protobuf_c_message_pack(from, bytes);
	to = protobuf_c_message_unpack(from->descriptor, NULL, size, bytes);
	free(bytes);
	return to;
}

static bool equal(const Sluice__V1__Resource *a, const Sluice__V1__Resource *b)
{
	size_t size = protobuf_c_message_get_packed_size(&a->base);
	uint8_t *x = malloc(size + 1), *y = malloc(size + 1);
	bool same = size == protobuf_c_message_get_packed_size(&b->base);

	if (same) {
		protobuf_c_message_pack(&a->base, x);
		protobuf_c_message_pack(&b->base, y);
		same = memcmp(x, y, size) == 0;
	}
	free(x);
	free(y);
	return same;
}

static void forget_staged(struct control *control)
{
	for (size_t i = 0; i < control->staged_count; i++)
		protobuf_c_message_free_unpacked(&control->staged[i]->base, NULL);
	free(control->staged);
	free(control->owner);
	control->staged = NULL;
	control->owner = NULL;
	control->staged_count = 0;
	control->open = false;
}

void fake_control_free(struct control *control)
{
	forget_staged(control);
	for (size_t i = 0; i < control->count; i++)
		protobuf_c_message_free_unpacked(&control->state[i]->base, NULL);
	free(control->state);
	pthread_mutex_destroy(&control->lock);
	free(control);
}

bool fake_find(const struct control *control, unsigned int kind, const char *key, size_t *place)
{
	size_t low = 0, high = control->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const Sluice__V1__ResourceState *state = control->state[middle];
		int order = (int)state->resource->kind_case - (int)kind;

		if (order == 0)
			order = strcmp(state->key, key);
		if (order == 0) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

static void put(struct control *control, size_t place, bool taken, const Sluice__V1__Resource *resource,
		const char *key, const char *owner)
{
	Sluice__V1__ResourceState *state = (void *)field_message_new(&sluice__v1__resource_state__descriptor);

	state->resource = fake_copy(resource);
	state->key = strdup(key);
	state->owner = strdup(owner);
	state->revision = control->revision + 1;
	state->programmed = SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED;
	fake_describe(state);
	if (taken) {
		protobuf_c_message_free_unpacked(&control->state[place]->base, NULL);
	} else {
		control->state = realloc(control->state, (control->count + 1) * sizeof(*control->state));
		memmove(control->state + place + 1, control->state + place,
			(control->count++ - place) * sizeof(*control->state));
	}
	control->state[place] = state;
}

static void drop(struct control *control, size_t place)
{
	protobuf_c_message_free_unpacked(&control->state[place]->base, NULL);
	memmove(control->state + place, control->state + place + 1,
		(--control->count - place) * sizeof(*control->state));
}

static void add_difference(Sluice__V1__Difference ***list, size_t *count, const Sluice__V1__Change *change,
			   const Sluice__V1__ResourceState *before, const char *key, Sluice__V1__Outcome outcome)
{
	Sluice__V1__Difference *difference = (void *)field_message_new(&sluice__v1__difference__descriptor);

	difference->key = strdup(key);
	difference->kind = (Sluice__V1__ResourceKind)change->resource->kind_case;
	difference->outcome = outcome;
	if (before)
		difference->before = fake_copy(before->resource);
	if (change->op != SLUICE__V1__OPERATION__OPERATION_DELETE)
		difference->after = fake_copy(change->resource);
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	(*list)[(*count)++] = difference;
}

static Sluice__V1__Outcome outcome_of(const Sluice__V1__Change *change, const Sluice__V1__ResourceState *before,
				      Sluice__V1__WriteResult *result)
{
	if (change->op == SLUICE__V1__OPERATION__OPERATION_DELETE) {
		if (!before) {
			result->absent++;
			return SLUICE__V1__OUTCOME__OUTCOME_ABSENT;
		}
		result->deleted++;
		return SLUICE__V1__OUTCOME__OUTCOME_DELETED;
	}
	if (!before) {
		result->created++;
		return SLUICE__V1__OUTCOME__OUTCOME_CREATED;
	}
	if (equal(change->resource, before->resource)) {
		result->unchanged++;
		return SLUICE__V1__OUTCOME__OUTCOME_UNCHANGED;
	}
	result->replaced++;
	return SLUICE__V1__OUTCOME__OUTCOME_REPLACED;
}

/* Differences NULL: do it. */
static Sluice__V1__WriteResult *run(struct control *control, Sluice__V1__Change **change, size_t count,
				    const char *owner, Sluice__V1__Difference ***differences, size_t *difference_count)
{
	Sluice__V1__WriteResult *result = (void *)field_message_new(&sluice__v1__write_result__descriptor);

	for (size_t i = 0; i < count; i++) {
		char *key = resource_key(change[i]->resource);
		unsigned int kind = change[i]->resource->kind_case;
		size_t place;
		bool taken = fake_find(control, kind, key, &place);
		const Sluice__V1__ResourceState *before = taken ? control->state[place] : NULL;
		Sluice__V1__Outcome outcome = outcome_of(change[i], before, result);
		bool deletes = outcome == SLUICE__V1__OUTCOME__OUTCOME_DELETED;
		bool changes = deletes || outcome == SLUICE__V1__OUTCOME__OUTCOME_CREATED ||
			       outcome == SLUICE__V1__OUTCOME__OUTCOME_REPLACED;

		if (changes && differences && *difference_count < 1000)
			add_difference(differences, difference_count, change[i], before, key, outcome);
		else if (deletes && !differences)
			drop(control, place);
		else if (changes && !differences)
			put(control, place, taken, change[i]->resource, key, owner);
		if (kind == SLUICE__V1__RESOURCE__KIND_INTERFACE && !deletes) {
			Sluice__V1__ChangeResult *one =
				(void *)field_message_new(&sluice__v1__change_result__descriptor);

			one->key = strdup(key);
			one->kind = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_INTERFACE;
			one->programmed = SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_NOT_PROGRAMMED;
			one->reason = strdup("the device does not exist");
			result->results = realloc(result->results, (result->n_results + 1) * sizeof(one));
			result->results[result->n_results++] = one;
		}
		free(key);
	}
	if (!differences && (result->created || result->replaced || result->deleted))
		control->revision++;
	result->revision = control->revision;
	result->generation = control->revision * 2;
	return result;
}

static int check(Sluice__V1__Change **change, size_t count, size_t first, struct error *error)
{
	char path[80];

	for (size_t i = 0; i < count; i++) {
		if (change[i]->resource->kind_case != SLUICE__V1__RESOURCE__KIND_VRF ||
		    strcmp(change[i]->resource->vrf->name, "bad") != 0)
			continue;
		snprintf(path, sizeof(path), "changes[%zu].resource.vrf.name", first + i);
		error_add(error, ERROR_INVALID_ARGUMENT, path, "no VRF may have this name");
	}
	return error->count ? -1 : 0;
}

static int check_revision(const struct control *control, const Sluice__V1__WriteOptions *options, struct error *error)
{
	if (!options || !options->expected_revision || options->expected_revision == control->revision)
		return 0;
	error_add(error, ERROR_ABORTED, "options.expected_revision", "the revision is not this one");
	return -1;
}

void control_submit_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
			  Sluice__V1__ApplyChangesResponse *response, struct error *error,
			  struct control_answer *answer)
{
	bool dry = request->options->validate_only;
	int rc = check(request->changes, request->n_changes, 0, error);

	pthread_mutex_lock(&control->lock);
	if (!dry)
		control->confirm_seconds = request->options->confirm_seconds;
	fake_durability = request->options->durability;
	if (rc == 0)
		rc = check_revision(control, request->options, error);
	if (rc == 0)
		response->result = run(control, request->changes, request->n_changes, request->options->owner,
				       dry ? &response->differences : NULL, &response->n_differences);
	pthread_mutex_unlock(&control->lock);
	answer->done(answer);
}

int control_begin(struct control *control, const Sluice__V1__BeginTransactionRequest *request,
		  Sluice__V1__BeginTransactionResponse *response, struct error *error)
{
	(void)error;
	forget_staged(control);
	control->open = true;
	fake_durability = request->options->durability;
	control->owner = strdup(request->options->owner);
	response->transaction_id = strdup("tx-1");
	response->revision = control->revision;
	response->idle_seconds = request->idle_seconds ? request->idle_seconds : 60;
	return 0;
}

static int check_open(const struct control *control, const char *id, struct error *error)
{
	if (control->open && strcmp(id, "tx-1") == 0)
		return 0;
	error_add(error, ERROR_NOT_FOUND, NULL, "no such transaction");
	return -1;
}

static void stage_one(struct control *control, Sluice__V1__Change *change)
{
	control->staged = realloc(control->staged, (control->staged_count + 1) * sizeof(*control->staged));
	control->staged[control->staged_count++] = change;
}

int control_stage(struct control *control, const char *transaction_id, const Sluice__V1__StageChangesRequest *request,
		  uint64_t *staged, struct error *error)
{
	if (check_open(control, transaction_id, error) ||
	    check(request->changes, request->n_changes, control->staged_count, error))
		return -1;
	for (size_t i = 0; i < request->n_changes; i++)
		stage_one(control, fake_copy(request->changes[i]));
	*staged = control->staged_count;
	return 0;
}

int control_validate(struct control *control, const Sluice__V1__ValidateTransactionRequest *request,
		     Sluice__V1__ValidateTransactionResponse *response, struct error *error)
{
	if (check_open(control, request->transaction_id, error))
		return -1;
	response->result = run(control, control->staged, control->staged_count, control->owner, &response->differences,
			       &response->n_differences);
	return 0;
}

void control_submit_commit(struct control *control, const Sluice__V1__CommitTransactionRequest *request,
			   Sluice__V1__CommitTransactionResponse *response, struct error *error,
			   struct control_answer *answer)
{
	if (!check_open(control, request->transaction_id, error) && !check_revision(control, request->options, error)) {
		pthread_mutex_lock(&control->lock);
		if (request->options && request->options->durability) /* else the transaction's */
			fake_durability = request->options->durability;
		response->result = run(control, control->staged, control->staged_count, control->owner, NULL, NULL);
		pthread_mutex_unlock(&control->lock);
		forget_staged(control);
	}
	answer->done(answer);
}

int control_abort(struct control *control, const Sluice__V1__AbortTransactionRequest *request, struct error *error)
{
	if (check_open(control, request->transaction_id, error))
		return -1;
	forget_staged(control);
	return 0;
}

/* --- ReplaceOwned: staged as a transaction; at the end what is not named goes --- */

struct control_replace {
	struct control *control;
	bool dry;
};

struct control_replace *control_replace_begin(struct control *control, const Sluice__V1__ReplaceOwnedRequest *request,
					      struct error *error)
{
	struct control_replace *replace;

	if (fake_is_old)
		error_add(error, ERROR_UNIMPLEMENTED, NULL, "the server has no such method");
	if (fake_is_old || check_revision(control, request->options, error))
		return NULL;
	forget_staged(control);
	replace = calloc(1, sizeof(*replace));
	replace->control = control;
	replace->dry = request->options->validate_only;
	if (!replace->dry)
		control->confirm_seconds = request->options->confirm_seconds;
	control->owner = strdup(request->options->owner);
	return replace;
}

int control_replace_stage(struct control_replace *replace, const Sluice__V1__ReplaceOwnedRequest *request,
			  struct error *error)
{
	struct control *control = replace->control;

	if (check(request->changes, request->n_changes, control->staged_count, error))
		return -1;
	for (size_t i = 0; i < request->n_changes; i++)
		stage_one(control, fake_copy(request->changes[i]));
	return 0;
}

static bool is_staged(const struct control *control, const Sluice__V1__ResourceState *state)
{
	bool found = false;

	for (size_t i = 0; i < control->staged_count && !found; i++) {
		char *key = resource_key(control->staged[i]->resource);

		found = control->staged[i]->resource->kind_case == state->resource->kind_case &&
			strcmp(key, state->key) == 0;
		free(key);
	}
	return found;
}

void control_submit_replace(struct control_replace *replace, Sluice__V1__ReplaceOwnedResponse *response,
			    struct error *error, struct control_answer *answer)
{
	struct control *control = replace->control;

	(void)error;
	pthread_mutex_lock(&control->lock);
	for (size_t i = 0; i < control->count; i++) {
		const Sluice__V1__ResourceState *state = control->state[i];
		Sluice__V1__Change *change;

		if (strcmp(state->owner, control->owner) != 0 || is_staged(control, state))
			continue;
		change = (void *)field_message_new(&sluice__v1__change__descriptor);
		change->op = SLUICE__V1__OPERATION__OPERATION_DELETE;
		change->resource = fake_copy(state->resource);
		stage_one(control, change);
	}
	response->result = run(control, control->staged, control->staged_count, control->owner,
			       replace->dry ? &response->differences : NULL, &response->n_differences);
	pthread_mutex_unlock(&control->lock);
	answer->done(answer);
}

void control_replace_free(struct control_replace *replace)
{
	if (replace)
		forget_staged(replace->control);
	free(replace);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Explain. */
#include <stdlib.h>

#include "vnf/control/commit/answer.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/seen/explain.h"
#include "vnf/control/seen/ways.h"
#include "vnf/observe/observer.h"
#include "vnf/reconcile/reconciler.h"

struct seen_ways *control_ways_new(struct control *control)
{
	return seen_ways_new(&control->history, handles_limits(control->handles));
}

static struct explain_tables tables_now(struct control *control)
{
	const uint64_t generation = reconciler_generation(control->committer.reconciler);

	return (struct explain_tables){.observer = control->observer,
				       .reconciler = control->committer.reconciler,
				       .limits = handles_limits(control->handles),
				       .snapshot = history_newest(&control->history),
				       .bank = generation & 1,
				       .generation = generation};
}

struct explain_look {
	struct control *control;
	const Sluice__V1__ExplainRequest *request;
	Sluice__V1__ExplainResponse *response;
};

static int explain_next(void *context, const struct snapshot *next, Sluice__V1__WriteResult *result,
			struct error *error)
{
	const struct explain_look *look = context;
	struct explain_tables tables = tables_now(look->control);

	(void)result;
	if (next) {
		tables.snapshot = next;
		tables.generation++;
		tables.bank ^= 1;
	}
	return seen_explain(&tables, look->request, look->response, error);
}

/* Over the tables that a commit of the transaction would lead to. */
static int explain_transaction(struct control *control, const Sluice__V1__ExplainRequest *request,
			       Sluice__V1__ExplainResponse *response, struct error *error)
{
	struct explain_look look = {control, request, message_new(&sluice__v1__explain_response__descriptor)};
	const struct commit_look after = {explain_next, &look};
	struct transaction *transaction =
		transaction_touch(control->committer.transactions, request->transaction_id, error);
	struct differences differences;
	Sluice__V1__WriteResult *result = NULL;

	if (!look.response)
		error_no_memory(error, NULL);
	else if (transaction)
		result = commit_dry_run(&control->committer, &transaction->changes, transaction->expected_revision,
					&after, &differences, error);
	if (!result) {
		message_free(look.response);
		return -1;
	}
	*response = *look.response;
	free(look.response);
	differences_free(&differences);
	message_free(result);
	return 0;
}

int control_prepare_explain(struct control *control, struct error *error)
{
	return control->observer ? observer_prepare(control->observer, OBSERVER_EXPLAINS, error) : 0;
}

bool control_explains(const struct control *control)
{
	return !control->observer || observer_is_prepared(control->observer, OBSERVER_EXPLAINS);
}

int control_explain(struct control *control, const Sluice__V1__ExplainRequest *request,
		    Sluice__V1__ExplainResponse *response, struct error *error)
{
	struct explain_tables tables;

	commit_flush(&control->committer);
	if (*request->transaction_id)
		return explain_transaction(control, request, response, error);
	tables = tables_now(control);
	return seen_explain(&tables, request, response, error);
}

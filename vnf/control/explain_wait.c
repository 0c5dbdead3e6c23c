/* SPDX-License-Identifier: Apache-2.0 */
/* Explain for a thread that is not the control thread's, and cannot wait for ever. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/core/loop.h"

/* What the control thread is to do. Who comes last frees it: the one who waits, or, when that one has gone, the other.
 */
struct errand {
	struct loop_work work;
	struct control *control;
	Sluice__V1__ExplainRequest *request;
	Sluice__V1__ExplainResponse *response;
	struct error error;
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool is_done, is_left;
};

static void errand_free(struct errand *errand)
{
	pthread_cond_destroy(&errand->done);
	pthread_mutex_destroy(&errand->lock);
	message_free(errand->request);
	message_free(errand->response);
	free(errand);
}

/* Takes the request. NULL: no memory, and the request is freed. */
static struct errand *errand_new(struct control *control, Sluice__V1__ExplainRequest *request)
{
	struct errand *errand = calloc(1, sizeof(*errand));
	Sluice__V1__ExplainResponse *response = message_new(&sluice__v1__explain_response__descriptor);

	if (!errand || !response) {
		message_free(request);
		message_free(response);
		free(errand);
		return NULL;
	}
	errand->control = control;
	errand->request = request;
	errand->response = response;
	pthread_mutex_init(&errand->lock, NULL);
	condition_init(&errand->done);
	return errand;
}

/* On the control thread. */
static void errand_run(struct loop_work *work)
{
	struct errand *errand = (struct errand *)work;
	bool left;

	pthread_mutex_lock(&errand->lock);
	left = errand->is_left;
	pthread_mutex_unlock(&errand->lock);
	if (!left)
		control_explain(errand->control, errand->request, errand->response, &errand->error);
	pthread_mutex_lock(&errand->lock);
	errand->is_done = true;
	left = errand->is_left;
	pthread_cond_signal(&errand->done);
	pthread_mutex_unlock(&errand->lock);
	if (left)
		errand_free(errand);
}

/* Was it done in time? If not, the errand is the control thread's. */
static bool errand_wait(struct errand *errand, unsigned int milliseconds)
{
	const uint64_t until = monotonic_ms() + milliseconds;
	int rc = 0;
	bool done;

	pthread_mutex_lock(&errand->lock);
	while (!errand->is_done && rc == 0)
		rc = condition_wait_until(&errand->done, &errand->lock, until);
	done = errand->is_done;
	errand->is_left = !done;
	pthread_mutex_unlock(&errand->lock);
	return done;
}

Sluice__V1__ExplainResponse *control_explain_wait(struct control *control, Sluice__V1__ExplainRequest *request,
						  unsigned int milliseconds, struct error *error)
{
	Sluice__V1__ExplainResponse *response = NULL;
	struct errand *errand;

	if (control_prepare_explain(control, error)) {
		message_free(request);
		return NULL;
	}
	errand = errand_new(control, request);
	if (!errand) {
		error_no_memory(error, NULL);
		return NULL;
	}
	errand->work.run = errand_run;
	loop_post(control->committer.loop, &errand->work);
	if (!errand_wait(errand, milliseconds)) {
		error_add(error, ERROR_DEADLINE_EXCEEDED, NULL, "the router is busy with a large commit: ask again");
		return NULL;
	}
	*error = errand->error;
	if (!error->count) {
		response = errand->response;
		errand->response = NULL;
	}
	errand_free(errand);
	return response;
}

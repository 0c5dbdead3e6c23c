/* SPDX-License-Identifier: Apache-2.0 */
/* ApplyChanges: a controller's changes in one call. */
#include "vnf/control/control_state.h"
#include "vnf/control/writer.h"

void control_submit_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
			  Sluice__V1__ApplyChangesResponse *response, struct error *error,
			  struct control_answer *answer)
{
	struct writer_request write = {
		.changes = request->changes, .count = request->n_changes, .stopped = answer->stopped};

	if (write_options(&write.options, request->options, true, error)) {
		answer->done(answer);
		return;
	}
	writer_submit(control, &write, response, error, answer);
}

int control_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
		  Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct control_answer nobody = {.done = control_answer_nobody};

	control_submit_apply(control, request, response, error, &nobody);
	writer_flush(control);
	return error->code == ERROR_NONE ? 0 : -1;
}

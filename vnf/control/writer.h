/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one door by which resources come in, whoever brings them: a controller's call, a journal that is replayed, a
 * source of routes. Changes go in under an owner's name, are checked, committed together with what else waits, and
 * answered. Control thread only.
 */
#ifndef SLUICE_CONTROL_WRITER_H
#define SLUICE_CONTROL_WRITER_H

#include "vnf/control/commit/options.h"
#include "vnf/control/control.h"

#define WRITER_CHANGES 100000 /* of one request at most */

struct writer_request {
	struct write_options options; /* owner, request id, expected revision, only to validate? */
	Sluice__V1__Change *const *changes;
	size_t count;
	const bool *stopped; /* as in struct control_answer */
};

/*
 * Fills the response, or the error, and calls answer->done once: at once, or when the loop next turns. Everything but
 * the request must live until then. A request id that was answered before gets the same answer again.
 */
void writer_submit(struct control *control, const struct writer_request *request,
		   Sluice__V1__ApplyChangesResponse *response, struct error *error, struct control_answer *answer);

/* Commits what waits now. */
void writer_flush(struct control *control);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The part of GetSystem about commits that wait for their confirmation. */
#include <stdlib.h>
#include <string.h>

#include "vnf/access/access.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/store/revisions.h"

/* The owner's row, a new one if need be. NULL: no memory. There is room. */
static Sluice__V1__PendingConfirmation *row_of(Sluice__V1__GetSystemResponse *answer, const char *owner)
{
	Sluice__V1__PendingConfirmation *row;

	for (size_t i = 0; i < answer->n_confirmations; i++)
		if (!strcmp(answer->confirmations[i]->owner, owner))
			return answer->confirmations[i];
	row = message_new(&sluice__v1__pending_confirmation__descriptor);
	if (!row)
		return NULL;
	answer->confirmations[answer->n_confirmations++] = row;
	return encode_text(&row->owner, owner) ? NULL : row;
}

/* The oldest comes first; each one begins the time anew for all before it. 0, or -1: no memory. */
static int add_revision(Sluice__V1__GetSystemResponse *answer, const struct revision *revision)
{
	Sluice__V1__Revision *message = sluice__v1__revision__unpack(NULL, revision->about_size, revision->about);
	Sluice__V1__PendingConfirmation *row = message ? row_of(answer, revision->owner) : NULL;

	if (row) {
		row->revision = message->confirm_id;
		row->last_revision = revision->revision;
		row->confirm_by_unix_ms = message->confirm_by_unix_ms;
	}
	sluice__v1__revision__free_unpacked(message, NULL);
	return row ? 0 : -1;
}

int read_confirmations(struct reader *reader, Sluice__V1__GetSystemResponse *answer)
{
	struct revision_list list;
	struct access_view view;
	int result = revisions_list(*reader->revisions, 0, true, &list);

	if (!result && list.count) {
		answer->confirmations = calloc(list.count, sizeof(*answer->confirmations));
		result = answer->confirmations ? 0 : -1;
	}
	access_view_open(&view, access_current(), "sluice.v1.SystemService/GetSystem");
	for (size_t i = 0; i < list.count && !result; i++)
		if (access_view_sees_owner(&view, list.revision[i]->owner))
			result = add_revision(answer, list.revision[i]);
	access_view_close(&view);
	revision_list_clear(&list);
	return result;
}

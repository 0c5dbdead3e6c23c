/* SPDX-License-Identifier: Apache-2.0 */
/* All resources of a kind, page by page. */
#ifndef SLUICE_CTL_LISTING_H
#define SLUICE_CTL_LISTING_H

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/ctl/session.h"

/* Calls `each` with every resource, and `page` (may be NULL) after every page; both return DONE to go on. The revision
 * (may be NULL) is that of all pages. DONE, or an exit code after the faults were printed. */
struct listing {
	const char *vrf; /* NULL: all */
	int (*each)(const Sluice__V1__ResourceState *state, void *context);
	int (*page)(void *context);
	void *context;
	uint64_t revision; /* out */
};

int list_resources(struct session *session, unsigned int kind, struct listing *listing);

/* The same one by one, where several kinds are read side by side. */
struct cursor {
	Sluice__V1__ListResourcesRequest request;
	Sluice__V1__ListResourcesResponse *page; /* in hand; NULL: none yet, or it is over */
	size_t next;				 /* of the page */
	char *token;				 /* of the page that was asked for last */
};

void cursor_begin(struct cursor *cursor, unsigned int kind, const char *vrf);
void cursor_end(struct cursor *cursor);

/* The state in hand, at first and after cursor_step() the next one; NULL: there is none. It lives until the next step.
 * DONE, or an exit code after the faults were printed. */
int cursor_peek(struct session *session, struct cursor *cursor, const Sluice__V1__ResourceState **state);
void cursor_step(struct cursor *cursor);

#endif

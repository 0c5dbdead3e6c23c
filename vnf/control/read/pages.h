/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tokens, and the revisions that they hold. A token says where a listing goes on; the revision it belongs to stays
 * pinned for a minute after each answer, however many others are listed meanwhile, unless what revisions hold is more
 * than PAGES_BYTES: then the oldest goes. Any thread.
 */
#ifndef SLUICE_CONTROL_PAGES_H
#define SLUICE_CONTROL_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/core/error.h"

#define PAGES_SECONDS	60
#define PAGES_BYTES	((size_t)32 << 20) /* that revisions which are not the newest may take */
#define PAGES_REVISIONS 8192		   /* held at a time; the oldest goes first */
#define PAGE_TOKEN_TEXT 576

struct pages;
struct snapshot;

struct page_token {
	uint64_t number; /* of the snapshot; in listings of revisions, a revision */
	enum resource_kind kind;
	char vrf[64];		     /* that the listing is limited to; "": none */
	char key[RESOURCE_KEY_TEXT]; /* of the last resource that was answered */
};

struct pages *pages_new(void);	      /* NULL: out of memory */
void pages_free(struct pages *pages); /* NULL is fine */

/* Pins the revision for the next minute. */
void pages_hold(struct pages *pages, const struct snapshot *snapshot);
/* The revision, pinned once more for the caller; NULL: not held any more. */
const struct snapshot *pages_find(struct pages *pages, uint64_t number);
/* Lets go of what is over its time. */
void pages_expire(struct pages *pages);
/* Lets go of the oldest revision, whose listings end with ABORTED; false: none is held. */
bool pages_drop_oldest(struct pages *pages);

void page_token_format(const struct pages *pages, const struct page_token *token, char text[PAGE_TOKEN_TEXT]);
/* 0, or -1 with a fault: INVALID_ARGUMENT for what was never a token, ABORTED for one of an earlier daemon. */
int page_token_parse(const struct pages *pages, const char *text, struct page_token *token, struct error *error);

#endif

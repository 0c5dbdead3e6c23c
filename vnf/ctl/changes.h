/* SPDX-License-Identifier: Apache-2.0 */
/* The changes that the files of one command ask for, and the line of every field in those files. */
#ifndef SLUICE_CTL_CHANGES_H
#define SLUICE_CTL_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/core/error.h"

#define MARK_NO_ELEMENT UINT32_MAX

/* The place where a value starts. The marks of a change follow each other in the order of the file: a child's depth
 * is one more. */
struct mark {
	uint32_t line;	  /* from 1 */
	uint32_t element; /* of a repeated field; otherwise MARK_NO_ELEMENT */
	uint16_t field;	  /* its number in its message */
	uint16_t depth;	  /* 0: a field of the kind's message */
};

struct origin {
	uint32_t file; /* index */
	uint32_t line; /* of the resource; 0: not from a file */
	size_t mark;   /* index of its first; the next change's first ends them */
};

/* Zero-initialise. */
struct change_list {
	Sluice__V1__Change **change;
	struct origin *origin;
	size_t count;
	struct mark *mark;
	size_t mark_count;
	size_t next_mark; /* first mark of the change that comes next */
	char **file;
	size_t file_count;
	/* Called once `full` changes are there (0: never), to take them; any result but 0 ends the reading. */
	int (*on_full)(struct change_list *list, void *context);
	/* Called behind each document, where there is no fault so far; as on_full. NULL: documents add up. */
	int (*on_document)(struct change_list *list, void *context);
	void *context;
	size_t full;
};

void change_list_free(struct change_list *list);
/* Forgets the changes, and keeps the files. */
void change_list_drain(struct change_list *list);

/* These return 0 or -ENOMEM; the last also returns on_full's result. */
int change_list_file(struct change_list *list, const char *name);	 /* what follows comes from it */
int change_list_mark(struct change_list *list, const struct mark *mark); /* of the next change */
/* Takes `resource`, also on failure. */
int change_list_add(struct change_list *list, Sluice__V1__Operation op, Sluice__V1__Resource *resource, uint32_t line);

/*
 * Writes a fault's field ("changes[3].resource.route.prefix", counted from `first`) in the terms of the file:
 * "demo.yaml:12: route.prefix". A field that the file lacks gets the line of its parent; changes that come from no
 * file give only the field, and paths that lead to no change stay as they are. Returns `text`.
 */
const char *change_list_locate(const struct change_list *list, size_t first, const char *path, char *text, size_t size);

#endif

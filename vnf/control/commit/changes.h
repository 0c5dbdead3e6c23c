/* SPDX-License-Identifier: Apache-2.0 */
/* A list of changes as it came from a client, checked field by field and parsed. Control thread only. */
#ifndef SLUICE_CONTROL_CHANGES_H
#define SLUICE_CONTROL_CHANGES_H

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/core/error.h"

struct handles;

struct change_result {
	uint8_t operation : 4; /* sluice.v1.Operation */
	uint8_t outcome : 4;   /* sluice.v1.Outcome, once candidateed */
};

/* What a resource was before the daemon started. */
struct change_origin {
	uint32_t id;	   /* 0: it is not known any more */
	uint64_t revision; /* at which it became what it is */
};

/* An array a column: a transaction may have a million changes. */
struct changes {
	size_t count, room;
	struct resource **resource; /* of a DELETE only the key; NULL once it has become part of a snapshot */
	struct change_result *result;
	char **id;		      /* NULL: none has one; of a change NULL: it has none */
	struct change_origin *origin; /* of state that is taken up again; NULL: it is new */
	size_t bytes;		      /* memory that they take */
	bool follow;		      /* those from `own` on follow from the others: no client has sent them */
	size_t own;
};

/*
 * Appends all of them or, with faults in *error, none; -1 then. Paths are "changes[i]" with i counted from `first`, the
 * number of the first one in the client's view. The resources belong to `owner`.
 */
int changes_add(struct changes *changes, struct handles *handles, struct handle *owner,
		Sluice__V1__Change *const *messages, size_t count, size_t first, struct error *error);
/* Appends the deletion of a resource of the state, which has the same owner. 0 or -ENOMEM. */
int changes_add_delete(struct changes *changes, const struct resource *resource);
/* Appends the resource, which has its owner, and takes it over. 0 or -ENOMEM. */
int changes_add_resource(struct changes *changes, struct resource *resource, uint8_t operation);
/* The path of a change in faults: "changes[i].resource", or 'owned.KIND["KEY"]' of one that follows from others. */
#define CHANGE_PATH_TEXT 192
const char *changes_path(const struct changes *changes, size_t index, char path[CHANGE_PATH_TEXT]);
/* Takes the last ones away again. */
void changes_drop(struct changes *changes, struct handles *handles, size_t count);
void changes_clear(struct changes *changes, struct handles *handles);

#endif

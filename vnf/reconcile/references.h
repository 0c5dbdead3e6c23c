/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who uses a resource, by ids: what kind_ops->references tells, the other way round. Routes are left out: they are
 * many, and nothing of theirs has to be worked out anew when their group changes.
 */
#ifndef SLUICE_RECONCILE_REFERENCES_H
#define SLUICE_RECONCILE_REFERENCES_H

#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/id_array.h"

struct references {
	struct id_pool edge;
	struct id_array first_of_user[RESOURCE_KINDS];		       /* uint32_t edge by id */
	struct id_array first_of_used[RESOURCE_KINDS][RESOURCE_KINDS]; /* likewise; by kind, kind of the user */
};

void references_init(struct references *references);
void references_free(struct references *references); /* frees what it points to */

/* The resource of this kind and id refers to what `resource` does, and to nothing if that is NULL. */
void references_set(struct references *references, struct undo_log *log, enum resource_kind kind, uint32_t id,
		    const struct resource *resource);

/* An edge from a user of kind `by` to the resource, and the next one; 0: none is left. A user that refers to it twice
 * has two. */
uint32_t references_first(const struct references *references, enum resource_kind kind, uint32_t id,
			  enum resource_kind by);
uint32_t references_next(const struct references *references, uint32_t edge);
uint32_t references_user(const struct references *references, uint32_t edge); /* id */

#endif

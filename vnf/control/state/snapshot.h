/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One revision of the desired state, with what is learned meanwhile, immutable. Successive snapshots share what did not
 * change (pmap.h). The control thread publishes the newest with RCU; a reader pins one and may then take its time.
 */
#ifndef SLUICE_CONTROL_SNAPSHOT_H
#define SLUICE_CONTROL_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/control/kinds/resource.h"

struct snapshot;

uint64_t snapshot_revision(const struct snapshot *snapshot);
uint64_t snapshot_number(const struct snapshot *snapshot); /* grows with each; a revision may have several */
size_t snapshot_count(const struct snapshot *snapshot, enum resource_kind kind);

uint64_t snapshot_parts(const struct snapshot *snapshot, enum resource_kind kind); /* kind_parts of all of them */

/* By name, of a kind that has names; NULL: none. */
const struct resource *snapshot_find(const struct snapshot *snapshot, enum resource_kind kind, const char *name);
/* By key; NULL: none. */
struct resource_key;
const struct resource *snapshot_find_key(const struct snapshot *snapshot, enum resource_kind kind,
					 const struct resource_key *key);

/* In key order (names by bytes; keys that begin with a VRF by its name, family, address, length): the first after
 * `previous`, or the first of all when that is NULL; NULL at the end. `previous` need not be part of this snapshot any
 * more. */
const struct resource *snapshot_next(const struct snapshot *snapshot, enum resource_kind kind,
				     const struct resource *previous);

/* The first resource whose key is beyond `key` (NULL: of all). */
const struct resource *snapshot_after(const struct snapshot *snapshot, enum resource_kind kind,
				      const struct resource_key *key);

#endif

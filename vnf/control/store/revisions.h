/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last revisions: what is known about each, and what was there before it, as entries of the journal (record.h). How
 * many are remembered is bounded by number and bytes: the oldest go, but for those that are to be kept. It knows
 * nothing of what is inside.
 *
 * Any thread may read; only the control thread adds and replaces. A revision that was added is immutable.
 */
#ifndef SLUICE_STORE_REVISIONS_H
#define SLUICE_STORE_REVISIONS_H

#include <stdatomic.h>

#include "vnf/control/store/record.h"

#define REVISIONS_MAX	4096
#define REVISIONS_BYTES (16U << 20)
#define REVISION_OWNER	63 /* bytes of an owner's name at most */

struct revision {
	atomic_uint references;
	uint64_t revision;
	char owner[REVISION_OWNER + 1];
	unsigned int flags; /* REVISION_... */
	uint8_t *about;	    /* the message sluice.v1.Revision, packed */
	size_t about_size;
	uint8_t *changes; /* entries ENTRY_BEFORE, one behind the other; the original's, where there is one */
	size_t changes_size, changes_room;
	struct revision *original; /* that this one came in the place of; NULL: none */
};

struct revisions;

struct revisions *revisions_new(void);		  /* revision 0 is known; NULL: out of memory */
void revisions_free(struct revisions *revisions); /* NULL is fine */

/* With one reference, and no changes yet; the bytes are copied. NULL: out of memory. */
struct revision *revision_new(uint64_t revision, const char *owner, size_t owner_size, unsigned int flags,
			      const void *about, size_t about_size);
/* What was there before under the entry's key; value and owner empty: nothing. Of one that is not to be kept and would
 * take more than all may, the changes are forgotten. 0 or -ENOMEM. */
int revision_append(struct revision *revision, const struct entry *before);
void revision_put(struct revision *revision); /* gives a reference back; NULL is fine */

/* Room for so many more. 0 or -ENOMEM. */
int revisions_reserve(struct revisions *revisions, size_t count);
/* The newest one, for which there is room; takes the reference over. */
void revisions_add(struct revisions *revisions, struct revision *revision);
/* The same one with other bytes about it, and flags. NULL: out of memory. */
struct revision *revision_renew(struct revision *revision, unsigned int flags, const void *about, size_t about_size);
/* Puts it in the place of the one that it is; takes the reference over. */
void revisions_replace(struct revisions *revisions, struct revision *renewed);
/* NULL: it is not known. Control thread only. */
struct revision *revisions_find(struct revisions *revisions, uint64_t revision);
/* Forgets all but those that are to be kept: the state is known from this revision on. */
void revisions_forget(struct revisions *revisions, uint64_t since);

/* The oldest revision that the known ones lead back to. */
uint64_t revisions_oldest(struct revisions *revisions);
/* Bytes of those that are to be kept. */
size_t revisions_kept_bytes(struct revisions *revisions);

/* References to those with revision > after, the oldest first, and to be kept only, if asked for. The caller puts each
 * and frees the array. *oldest as above. 0 or -ENOMEM. */
struct revision_list {
	struct revision **revision;
	size_t count;
	uint64_t oldest;
};
int revisions_list(struct revisions *revisions, uint64_t after, bool only_kept, struct revision_list *list);
void revision_list_clear(struct revision_list *list);

/* As entries of a snapshot: the revision itself (ENTRY_COMMIT, or ENTRY_ABOUT), which refers to its bytes. */
struct entry revision_entry(const struct revision *revision, enum entry_operation operation);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for contents: equal bytes have one number for as long as somebody refers to it. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_INTERN_H
#define SLUICE_SOURCES_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intern_item {
	void *bytes;	     /* NULL: the number is free */
	uint32_t size, hash; /* of the content */
	uint32_t next;	     /* number in its bucket, or among the free ones; 0: none */
	uint32_t references;
	bool hidden; /* intern_take doesn't find it */
};

/* Zero-initialise. */
struct intern {
	struct intern_item *item; /* by number; the first is none */
	uint32_t items;		  /* room in `item` */
	uint32_t free;		  /* first of the free numbers */
	uint32_t *bucket, buckets;
	uint32_t used; /* numbers */
};

void intern_end(struct intern *intern);

/* The content's number, with one more reference; 0: out of memory. */
uint32_t intern_take(struct intern *intern, const void *bytes, size_t size);
uint32_t intern_find(const struct intern *intern, const void *bytes, size_t size); /* without one; 0: none */
void intern_hold(struct intern *intern, uint32_t number);
/* True: it was the last reference, and the number is free. */
bool intern_release(struct intern *intern, uint32_t number);
/* From now on equal content gets another number. */
void intern_hide(struct intern *intern, uint32_t number);

const void *intern_bytes(const struct intern *intern, uint32_t number);
size_t intern_size(const struct intern *intern, uint32_t number);

#endif

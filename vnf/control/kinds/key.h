/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of a resource: its name, or a VRF and a prefix or an address in it, of which each owner may have one of its
 * own. Every kind says in its kind_ops which of them it is; nothing else depends on the kind.
 */
#ifndef SLUICE_CONTROL_KEY_H
#define SLUICE_CONTROL_KEY_H

#include "vnf/control/kinds/resource.h"

struct decoder;
struct handles;
struct kind_ops;

enum key_form {
	KEY_NAME = 1,
	KEY_VRF_PREFIX,	      /* "vrf/prefix" */
	KEY_VRF_ADDRESS,      /* "vrf/address" */
	KEY_VRF_PREFIX_OWNER, /* "vrf/prefix/owner" */
};

/* Where the message has it, as offsets of its string fields. */
struct key_fields {
	enum key_form form;
	size_t first;  /* the name, or the VRF's */
	size_t second; /* the prefix or the address */
	size_t third;  /* the owner */
};

/* Borrowed: texts and prefix outlive it. */
struct resource_key {
	const char *text;		/* the name, or the VRF's */
	const struct ip_prefix *prefix; /* NULL: the key is a name */
	const char *owner;		/* NULL: it is no part of the key, or comes before all owners */
};

/* NULL: the resource has a name. */
static inline const struct vrf_key *resource_vrf_key(const struct resource *resource)
{
	return resource->self ? NULL : (const struct vrf_key *)(resource + 1);
}

struct resource_key resource_key(const struct resource *resource);
/* Orders a struct resource_key and a resource of one kind: below 0, 0 or above. */
int resource_key_compare(const void *key, const void *resource);

/* The same kind and key; and equal ones have one hash. */
bool resource_same_key(const struct resource *a, const struct resource *b);
uint64_t resource_key_hash(const struct resource *resource);

#define RESOURCE_KEY_TEXT 176 /* with the NUL */
const char *resource_key_format(const struct resource *resource, char text[RESOURCE_KEY_TEXT]);

/* A key from its text; it refers to `vrf` and `prefix` beside it, so it is not to be copied. */
struct parsed_key {
	char vrf[RESOURCE_KEY_TEXT];
	char owner[RESOURCE_KEY_TEXT];
	struct ip_prefix prefix;
	struct resource_key key;
};

/* 0, or -1: the text is not of that form. `text` may go out of scope afterwards. */
int resource_key_parse(enum key_form form, const char *text, struct parsed_key *parsed);
/* The form with an example, for faults. */
const char *key_form_text(enum key_form form);

/* As it comes from a message, with a reference to each handle. */
struct decoded_key {
	struct handle *self;
	struct vrf_key vrf_key;
};

/* Faults are added to the decoder. */
void key_decode(struct decoder *decoder, const struct kind_ops *ops, const void *message, struct decoded_key *key);
/* Hands the references over to the resource; NULL: gives them back. */
void key_move(struct handles *handles, struct decoded_key *key, struct resource *resource);
/* 0 or -ENOMEM. */
int key_encode(const struct kind_ops *ops, const struct resource *resource, void *message);

#endif

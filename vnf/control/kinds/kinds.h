/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every kind of resource can do, behind one table of operations; one file a kind fills it in. Nothing else in the
 * control plane knows what is inside a resource but the compilers to the dataplane.
 */
#ifndef SLUICE_CONTROL_KINDS_H
#define SLUICE_CONTROL_KINDS_H

#include <protobuf-c/protobuf-c.h>

#include "sluice/v1/resource.pb-c.h"
#include "vnf/control/kinds/unique_keys.h"
#include "vnf/control/kinds/decode.h"
#include "vnf/control/state/pmap.h"
#include "vnf/control/kinds/resource.h"

struct check; /* check.h */

/* A key: a name, or for routes the VRF's and a prefix. Borrowed. */
struct resource_key {
	const char *text;
	const struct ip_prefix *prefix; /* routes only */
};

/* One reference; its field is "field", "field[index]" (index >= 0) or "field[index].member". */
struct reference {
	struct handle *handle;
	const char *field;
	long index;
	const char *member;
};

typedef void (*reference_visit)(const struct reference *reference, void *context);
typedef void (*holding_visit)(const struct holding *holding, void *context);

struct kind_ops {
	const char *name;   /* as in the oneof of the Resource message */
	const char *label;  /* in texts for people */
	const char *plural; /* the limit's name */
	const ProtobufCMessageDescriptor *message;
	size_t size; /* of the struct without its array */

	/* The message as a resource without its name, faults added to the decoder; NULL: out of memory (no fault
	 * added). After a fault the result is only good for resource_free. */
	struct resource *(*decode)(struct decoder *decoder, const void *message);
	/* Fills in all fields but the name. 0 or -ENOMEM. */
	int (*encode)(const struct resource *resource, void *message);
	/* The same desired state; the keys are the same. */
	bool (*equal)(const struct resource *a, const struct resource *b);
	/* Visits every reference that is set. NULL: the kind has none. */
	void (*references)(const struct resource *resource, reference_visit visit, void *context);
	/* What only one resource may have (unique_keys.h). NULL: nothing. */
	void (*unique_keys)(const struct resource *resource, holding_visit visit, void *context);
	/* Rules between resources that hold beyond existence and unique_keys, for one difference. NULL: none. */
	void (*check)(struct check *check, const struct resource *before, const struct resource *after);
};

extern const struct kind_ops vrf_ops, interface_ops, tunnel_endpoint_ops, next_hop_ops, next_hop_group_ops, route_ops,
	port_pair_ops, port_pair_group_ops, flow_classifier_ops, port_chain_ops;

/* NULL: no such kind. */
const struct kind_ops *kind_ops(enum resource_kind kind);

/* Zeroed but for the kind; NULL: out of memory. */
struct resource *resource_new(enum resource_kind kind, size_t size);
/* Gives its names back. NULL is fine. */
void resource_free(struct handles *handles, struct resource *resource);

/*
 * From a message at the decoder's path. NULL after faults. Where the decoder is told so the result is only good for its
 * key.
 */
struct resource *resource_decode(struct decoder *decoder, const Sluice__V1__Resource *message);
/* Free with protobuf_c_message_free_unpacked; NULL: out of memory. */
Sluice__V1__Resource *resource_encode(const struct resource *resource);

struct resource_key resource_key(const struct resource *resource);
/* Both against the same kind: pmap_compare. */
int resource_key_compare(const void *key, const void *resource);

/* The same kind and key; and equal ones have one hash. */
bool resource_same_key(const struct resource *a, const struct resource *b);
uint64_t resource_key_hash(const struct resource *resource);

#define RESOURCE_KEY_TEXT 128 /* "vrf/prefix" with the NUL */
const char *resource_key_format(const struct resource *resource, char text[RESOURCE_KEY_TEXT]);

/* What a resource waits for, with the remedy; "" where it is programmed. */
const char *pending_reason_text(enum pending_reason pending);
/* What it waits for: a route waits with its group. Any thread. */
enum pending_reason resource_pending(const struct resource *resource);

#endif

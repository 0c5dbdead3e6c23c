/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kind of resource says everything about itself in one table of operations, which its file in vnf/features fills in.
 * Nothing else in the control plane knows what is inside a resource.
 */
#ifndef SLUICE_CONTROL_KINDS_H
#define SLUICE_CONTROL_KINDS_H

#include <protobuf-c/protobuf-c.h>

#include "sluice/v1/resource.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "vnf/control/kinds/decode.h"
#include "vnf/control/kinds/key.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/control/kinds/unique_keys.h"
#include "vnf/dataplane/bank/limits.h"

struct check; /* vnf/control/kinds/check.h */
struct reconciler;
struct snapshot;

/* One reference; its field is "field", "field[index]" (index >= 0) or "field[index].member". */
struct reference {
	struct handle *handle;
	const char *field;
	long index;
	const char *member;
	bool ipv6; /* the resource that refers is of IPv6: the handle counts those (ipv6_users) */
};

typedef void (*reference_visit)(const struct reference *reference, void *context);
typedef void (*holding_visit)(const struct holding *holding, void *context);

/* A counter of a resource: number `first` + id in the dataplane, shown in the field of Sluice__V1__ResourceState that
 * is at this offset. */
struct kind_counter {
	uint32_t first;
	size_t field;
};
#define KIND_COUNTERS 2

/* Something inside the resources of a kind that is limited by its number, too. */
struct kind_parts {
	const char *plural;
	enum limit limit;
	uint32_t (*count)(const struct resource *resource); /* NULL: there is nothing */
};

struct kind_ops {
	enum resource_kind kind;
	const char *name;   /* as in the oneof of the Resource message */
	const char *label;  /* in texts for people */
	const char *plural; /* in ListLimits */
	enum limit limit;   /* on the number of resources */
	/* The kind whose ids, and so whose limit, these resources share; 0: none. */
	enum resource_kind ids_of;
	const ProtobufCMessageDescriptor *message;
	struct key_fields key;
	size_t size;				     /* of the struct without its array */
	struct kind_counter counters[KIND_COUNTERS]; /* first those that are there */
	/* Where the limits say which is the first of them. NULL: `first` does. */
	uint32_t (*counter_start)(const struct dp_limits *limits);
	struct kind_parts parts;

	/* The message as a resource without its key, faults added to the decoder; NULL: out of memory (no fault
	 * added). After a fault the result is only good for resource_free. Of the op itself NULL: the kind is
	 * learned, and no client writes it. */
	struct resource *(*decode)(struct decoder *decoder, const void *message);
	/* Fills in all fields but the key's. 0 or -ENOMEM. */
	int (*encode)(const struct resource *resource, void *message);
	/* The same desired state; the keys are the same. */
	bool (*equal)(const struct resource *a, const struct resource *b);
	/* Visits every reference that is set. NULL: the kind has none. */
	void (*references)(const struct resource *resource, reference_visit visit, void *context);
	/* Visits the keys that only one resource may hold (unique_keys.h). NULL: the kind has none. */
	void (*unique_keys)(const struct resource *resource, holding_visit visit, void *context);
	/* Checks for one difference the rules between resources that go beyond existence and unique keys. NULL: none.
	 */
	void (*check)(struct check *check, const struct resource *before, const struct resource *after);

	/* The VRF that a listing by VRF finds the resource in. NULL: the kind is not of a VRF. */
	const struct handle *(*vrf)(const struct resource *resource);
	/* The handle whose pending reason is the resource's. NULL: its own, and a resource without a name is always
	 * programmed. */
	const struct handle *(*pending)(const struct resource *resource);
	/* The next-hop group that the FIB sends packets for the resource's struct vrf_key to. NULL: the kind is not in
	 * the FIB. */
	const struct handle *(*forwards)(const struct resource *resource);
	/* Is the resource in the FIB only while that group has a programmed member? Packets take the less specific one
	 * meanwhile. NULL: never. */
	bool (*yields)(const struct resource *resource);
	/* Of those that forward: of all of a prefix the one with the lowest counts. NULL: as 1. */
	uint8_t (*preference)(const struct resource *resource);
	/* Does something keep it from forwarding, whatever else there is? NULL: nothing. */
	bool (*withheld)(const struct resource *resource);
	/* Of those whose struct vrf_key is a prefix at or below which not every route counts: does it keep the
	 * candidate from forwarding? The most specific one decides. NULL: the kind protects nothing. */
	bool (*protects)(const struct resource *resource, const struct resource *candidate);
	/* Of kinds that learn: does the change make it forget what it has learned? That goes in the same commit. NULL:
	 * the kind owns nothing. */
	bool (*forgets)(const struct resource *before, const struct resource *after);
	/* Are packets copied for it (vnf/control/taps)? */
	bool tapped;
	/* Adds the kernel's facts to the state; any thread, the snapshot is pinned. 0 or -ENOMEM. NULL: none. */
	int (*status)(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		      Sluice__V1__ResourceState *state);
};

/* The counter of id 0 of the kind's i-th. */
static inline uint32_t kind_counter_first(const struct kind_ops *ops, size_t i, const struct dp_limits *limits)
{
	return ops->counter_start ? ops->counter_start(limits) : ops->counters[i].first;
}

/* By kind (vnf/features/features.c). NULL: the router does not have this kind of the API. */
extern const struct kind_ops *const kind_list[RESOURCE_KINDS];

/* NULL: no such kind. */
const struct kind_ops *kind_ops(enum resource_kind kind);
/* The kind that the router has next behind this one, by number; 0: the first. RESOURCE_KINDS: there is none. */
enum resource_kind kind_after(int kind);

/* Everything but the kind is zero; NULL: out of memory. */
struct resource *resource_new(enum resource_kind kind, size_t size);
/* With nothing but the kind, the key and the owner of another; NULL: out of memory. */
struct resource *resource_new_key(const struct resource *other);
/* Gives its names back. NULL is fine. */
void resource_free(struct handles *handles, struct resource *resource);

/* From a message at the decoder's path; NULL after faults. With decoder->key_only the result has only its key. */
struct resource *resource_decode(struct decoder *decoder, const Sluice__V1__Resource *message);
/* Free with protobuf_c_message_free_unpacked; NULL: out of memory. */
Sluice__V1__Resource *resource_encode(const struct resource *resource);

static inline bool resource_yields(const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);

	return ops->yields && ops->yields(resource);
}

/* Why a resource is not programmed, with the remedy; "" where it is. */
const char *pending_reason_text(enum pending_reason pending);
/* Any thread. */
enum pending_reason resource_pending(const struct resource *resource);

#endif

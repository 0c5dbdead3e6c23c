/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vrfs[] and classifiers[]: a VRF's router MAC and, in match order, the flow classifiers that lead into its chains. The
 * trees in vrfs[] belong to the FIB engine and are not touched.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/compile.h"

struct entry {
	const struct flow_classifier *classifier;
	bool reverse;
	uint16_t stage;
};

void vrf_router_mac(const struct vrf *vrf, uint8_t mac[6])
{
	static const uint8_t unset[6], standard[6] = {0x02, 0x53, 0x4c, 0x00, 0x00, 0x01};

	memcpy(mac, memcmp(vrf->router_mac, unset, 6) ? vrf->router_mac : standard, 6);
}

/* By VRF, priority, name; the way forward before the way back. */
static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->classifier->vrf != b->classifier->vrf)
		return a->classifier->vrf->id < b->classifier->vrf->id ? -1 : 1;
	if (a->classifier->priority != b->classifier->priority)
		return a->classifier->priority < b->classifier->priority ? -1 : 1;
	if (a->classifier != b->classifier)
		return strcmp(a->classifier->resource.self->text, b->classifier->resource.self->text);
	return a->reverse - b->reverse;
}

static void put_prefix(const struct ip_prefix *prefix, struct dp_address *value, struct dp_address *mask)
{
	int bits = prefix->length + (prefix->address.family == 4 ? 96 : 0);

	if (!prefix->address.family)
		return; /* any: a mask of zeros */
	ip_address_map(&prefix->address, value->byte);
	for (int i = 0; i < 16 && bits > 0; i++, bits -= 8)
		mask->byte[i] = bits >= 8 ? 0xff : (uint8_t)(0xff << (8 - bits));
	for (int i = 0; i < 16; i++)
		value->byte[i] &= mask->byte[i];
}

static struct dp_classifier to_table(const struct entry *entry)
{
	const struct flow_classifier *from = entry->classifier;
	struct dp_classifier to = {
		.protocol = from->protocol,
		.family = from->source.address.family ? from->source.address.family : from->destination.address.family,
		.stage = entry->stage,
		.id = from->resource.self->id,
	};

	if (entry->reverse) {
		put_prefix(&from->destination, &to.src, &to.src_mask);
		put_prefix(&from->source, &to.dst, &to.dst_mask);
		to.src_port_first = from->destination_first;
		to.src_port_last = from->destination_last;
		to.dst_port_first = from->source_first;
		to.dst_port_last = from->source_last;
	} else {
		put_prefix(&from->source, &to.src, &to.src_mask);
		put_prefix(&from->destination, &to.dst, &to.dst_mask);
		to.src_port_first = from->source_first;
		to.src_port_last = from->source_last;
		to.dst_port_first = from->destination_first;
		to.dst_port_last = from->destination_last;
	}
	return to;
}

/* The classifiers of all chains; those in none select nothing. 0 or -ENOMEM; the caller frees *result. */
static int collect(const struct compile *compile, struct entry **result, size_t *count)
{
	size_t most = snapshot_count(compile->snapshot, RESOURCE_FLOW_CLASSIFIER) * 2;
	struct entry *entry = malloc((most + 1) * sizeof(*entry));
	const struct resource *resource = NULL;

	*count = 0;
	*result = entry;
	if (!entry)
		return -ENOMEM;
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_PORT_CHAIN, resource))) {
		const struct port_chain *chain = (const struct port_chain *)resource;
		uint16_t id = (uint16_t)resource->self->id;

		for (size_t i = 0; i < chain->classifier_count && *count + 2 <= most; i++) {
			const struct flow_classifier *classifier = (const struct flow_classifier *)snapshot_find(
				compile->snapshot, RESOURCE_FLOW_CLASSIFIER, chain->classifier[i]->text);

			entry[(*count)++] = (struct entry){classifier, false, chain_stage(compile, id, 0, 1)};
			if (chain->symmetric)
				entry[(*count)++] = (struct entry){
					classifier, true, chain_stage(compile, id, (int)chain->group_count - 1, -1)};
		}
	}
	qsort(entry, *count, sizeof(*entry), compare);
	return 0;
}

static int write_classifiers(struct compile *compile, const struct entry *entry, size_t count)
{
	if (count > bank_rows(compile->limits, DP_TABLE_classifiers)) {
		error_add(compile->error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "%zu flow classifiers in chains, both directions counted: the dataplane holds %u", count,
			  bank_rows(compile->limits, DP_TABLE_classifiers));
		return -ENOSPC;
	}
	memset(compile->classifier_count, 0, sizeof(compile->classifier_count));
	for (size_t i = 0; i < count; i++) {
		const struct handle *vrf = entry[i].classifier->vrf;
		struct dp_classifier classifier = to_table(&entry[i]);

		if (compile->classifier_count[vrf->id] == DP_VRF_CLASSIFIERS) {
			error_add(compile->error, ERROR_RESOURCE_EXHAUSTED, NULL,
				  "VRF \"%s\": more than %u flow classifiers in chains, both directions counted",
				  vrf->text, DP_VRF_CLASSIFIERS);
			return -ENOSPC;
		}
		if (compile->classifier_count[vrf->id]++ == 0)
			compile->classifier_first[vrf->id] = (uint32_t)i;
		compile_write(compile, &compile->bank->classifiers[i], &classifier, sizeof(classifier));
	}
	for (size_t i = count; i < compile->end.classifiers; i++)
		compile_write(compile, &compile->bank->classifiers[i], &(struct dp_classifier){0},
			      sizeof(struct dp_classifier));
	compile->end.classifiers = (uint32_t)count;
	return 0;
}

/* Which stages packets of each VRF need. */
static void find_features(struct compile *compile)
{
	const struct resource *resource = NULL;

	for (uint32_t id = 0; id <= DP_MAX_VRFS; id++)
		compile->features[id] = compile->classifier_count[id] ? DP_FEATURE_CLASSIFY : 0;
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_TUNNEL_ENDPOINT, resource)))
		compile->features[((const struct tunnel_endpoint *)resource)->underlay_vrf->id] |= DP_FEATURE_DECAP;
}

int compile_vrfs(struct compile *compile)
{
	const struct resource *resource = NULL;
	struct dp_vrf *vrfs = compile->bank->vrfs;
	struct entry *entry;
	size_t count;
	int error = collect(compile, &entry, &count);

	if (!error)
		error = write_classifiers(compile, entry, count);
	free(entry);
	if (error)
		return error;
	find_features(compile);
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_VRF, resource))) {
		uint32_t id = resource->self->id;
		struct dp_vrf vrf = {.classifier_count = (uint16_t)compile->classifier_count[id],
				     .features = compile->features[id]};

		if (vrf.classifier_count)
			vrf.classifier_first = compile->classifier_first[id];
		vrf_router_mac((const struct vrf *)resource, vrf.router_mac);
		compile_write(compile, &vrfs[id], &vrf, sizeof(vrf));
		compile_use(compile, id, &compile->end.vrfs);
	}
	compile_clear_unused(compile, vrfs, sizeof(*vrfs), sizeof(*vrfs), &compile->end.vrfs);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/netns/netns_links.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/device.h"
#include "orchestration/namespace.h"
#include "orchestration/stage.h"

/* A batch of ip(8) commands: text is NULL once memory ran out. */
struct batch {
	FILE *stream;
	char *text;
	size_t size;
};

static int batch_begin(struct batch *batch, struct error *error)
{
	*batch = (struct batch){0};
	batch->stream = open_memstream(&batch->text, &batch->size);
	if (!batch->stream)
		error_no_memory(error, NULL);
	return batch->stream ? 0 : -1;
}

/* Runs it in the namespace; NULL: on the host. */
static int batch_run(struct batch *batch, const char *namespace, struct error *error)
{
	int rc = fclose(batch->stream);

	if (rc)
		error_no_memory(error, NULL);
	else
		rc = namespace_ip(namespace, batch->text, error);
	free(batch->text);
	return rc ? -1 : 0;
}

#define END_NAME 80 /* spec_check keeps it below IF_NAMESIZE */

/* The other end of a network's link. */
static void host_end(const struct spec *spec, const struct instance *instance, size_t index, char name[END_NAME])
{
	snprintf(name, END_NAME, "%s-%u-%s", instance->vnf, instance->replica, spec->network[index].name.text);
}

/* Both ends of a pair must be prepared before either is up. */
static int prepare(const char *namespace, const char *const devices[], size_t count, struct error *error)
{
	int outside = namespace_visit(namespace, error), rc = 0;

	if (outside < 0)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = device_prepare(devices[i], error);
	namespace_return(outside);
	return rc;
}

static int prepare_ports(const char *namespace, size_t first, size_t count, struct error *error)
{
	char name[SPEC_NETWORKS][32];
	const char *devices[SPEC_NETWORKS];

	for (size_t i = 0; i < count; i++) {
		snprintf(name[i], sizeof(name[i]), "port%zu", first + i);
		devices[i] = name[i];
	}
	return prepare(namespace, devices, count, error);
}

static int add_host_ends(const struct spec *spec, const struct instance *instance, const char *namespace,
			 struct error *error)
{
	char end[END_NAME], own[INSTANCE_NAME];
	struct batch batch;

	if (batch_begin(&batch, error))
		return -1;
	for (size_t i = 0; i < spec->networks; i++) {
		const struct spec_network *network = &spec->network[i];

		host_end(spec, instance, i, end);
		fprintf(batch.stream, "link add port%zu mtu %u netns %s type veth peer name %s mtu %u\n", i + 1,
			network->mtu, namespace, end, network->mtu);
		fprintf(batch.stream, "link set %s alias sluice-orch:%s:port%zu\n", end, instance_name(instance, own),
			i + 1);
		if (network->bridge.text)
			fprintf(batch.stream, "link set %s master %s\n", end, network->bridge.text);
	}
	if (batch_run(&batch, NULL, error))
		return -1;
	for (size_t i = 0; i < spec->networks; i++) {
		host_end(spec, instance, i, end);
		if (device_prepare(end, error))
			return -1;
	}
	return 0;
}

/* Addresses and up: the VNF's ends, then the host's. */
static int bring_up(const struct spec *spec, const struct instance *instance, const char *namespace,
		    struct error *error)
{
	char end[END_NAME];
	struct batch inside, outside;

	if (batch_begin(&inside, error))
		return -1;
	for (size_t i = 0; i < spec->networks; i++) {
		const struct spec_network *network = &spec->network[i];

		for (size_t j = 0; j < network->addresses.count; j++) {
			if (network->replica[j] == instance->replica)
				fprintf(inside.stream, "address replace %s dev port%zu\n", network->addresses.text[j],
					i + 1);
		}
		fprintf(inside.stream, "link set port%zu up\n", i + 1);
	}
	if (batch_run(&inside, namespace, error) || batch_begin(&outside, error))
		return -1;
	for (size_t i = 0; i < spec->networks; i++) {
		host_end(spec, instance, i, end);
		/* A link without a bridge may be anywhere by now, and belongs to the one who moved it there. */
		if (spec->network[i].bridge.text || if_nametoindex(end))
			fprintf(outside.stream, "link set %s up\n", end);
	}
	return batch_run(&outside, NULL, error);
}

int netns_links_add(const struct spec *spec, const struct instance *instance, struct error *error)
{
	char namespace[NAMESPACE_NAME];

	namespace_name(instance, NULL, namespace);
	return add_host_ends(spec, instance, namespace, error) || prepare_ports(namespace, 1, spec->networks, error) ||
			       bring_up(spec, instance, namespace, error)
		       ? -1
		       : 0;
}

int netns_links_add_stage(const struct spec *spec, const struct instance *instance, size_t index, struct error *error)
{
	static const char *const sides[] = {"in", "out"};
	char namespace[NAMESPACE_NAME], stage[NAMESPACE_NAME];
	size_t first = stage_port(spec, index, 0);
	struct batch batch;

	namespace_name(instance, NULL, namespace);
	namespace_name(instance, spec->stage[index].name.text, stage);
	if (batch_begin(&batch, error))
		return -1;
	fprintf(batch.stream, "link add port%zu netns %s type veth peer name in netns %s\n", first, namespace, stage);
	fprintf(batch.stream, "link add port%zu netns %s type veth peer name out netns %s\n", first + 1, namespace,
		stage);
	if (batch_run(&batch, NULL, error) || prepare_ports(namespace, first, 2, error) ||
	    prepare(stage, sides, 2, error) || batch_begin(&batch, error))
		return -1;
	fprintf(batch.stream, "link set port%zu up\nlink set port%zu up\n", first, first + 1);
	return batch_run(&batch, namespace, error);
}

/* Deletes those ports of a namespace that are there. */
static int delete_ports(const char *namespace, size_t first, size_t count, struct error *error)
{
	struct batch batch;
	char port[32];
	int outside;

	if (batch_begin(&batch, error))
		return -1;
	outside = namespace_visit(namespace, error);
	for (size_t i = 0; outside >= 0 && i < count; i++) {
		snprintf(port, sizeof(port), "port%zu", first + i);
		if (if_nametoindex(port))
			fprintf(batch.stream, "link delete %s\n", port);
	}
	if (outside >= 0)
		namespace_return(outside);
	return batch_run(&batch, outside < 0 ? NULL : namespace, error);
}

int netns_links_delete_stage(const struct spec *spec, const struct instance *instance, size_t index,
			     struct error *error)
{
	char namespace[NAMESPACE_NAME];

	return delete_ports(namespace_name(instance, NULL, namespace), stage_port(spec, index, 0), 2, error);
}

void netns_links_delete(const struct instance *instance)
{
	struct error ignored = {0}; /* the namespace goes in any case */
	char namespace[NAMESPACE_NAME];

	if (namespace_exists(namespace_name(instance, NULL, namespace)))
		delete_ports(namespace, 1, SPEC_NETWORKS + 2 * SPEC_STAGES, &ignored);
}

int netns_links_move(const struct spec *spec, const struct instance *from, const struct instance *to,
		     struct error *error)
{
	char source[NAMESPACE_NAME], target[NAMESPACE_NAME], port[32];
	struct batch batch;
	int outside;

	namespace_name(from, NULL, source);
	namespace_name(to, NULL, target);
	if (batch_begin(&batch, error))
		return -1;
	outside = namespace_visit(source, error);
	for (size_t i = 0; outside >= 0 && i < spec->networks; i++) {
		snprintf(port, sizeof(port), "port%zu", i + 1);
		/* The program of the old sluiced would travel with it, and know nothing of where it came to. */
		if (if_nametoindex(port))
			fprintf(batch.stream, "link set %s xdp off\nlink set %s netns %s\n", port, port, target);
	}
	if (outside >= 0)
		namespace_return(outside);
	if (batch_run(&batch, outside < 0 ? NULL : source, error) || outside < 0)
		return -1;
	return bring_up(spec, to, target, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/domain.h"

#include <inttypes.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/libvirt/element.h"
#include "orchestration/stage.h"

/* Computes FNV-1a of 64 bits. */
static uint64_t hash(const char *text)
{
	uint64_t value = 14695981039346656037ULL;

	while (*text)
		value = (value ^ (unsigned char)*text++) * 1099511628211ULL;
	return value;
}

const char *domain_mac(const struct instance *instance, size_t port, char mac[DOMAIN_MAC])
{
	char text[96];
	uint64_t value;

	/* The management NICs of two instances of a replica are on one bridge at a time. */
	if (port)
		snprintf(text, sizeof(text), "%s/%u/%zu", instance->vnf, instance->replica, port);
	else
		snprintf(text, sizeof(text), "%s/%u/%c", instance->vnf, instance->replica, instance->slot);
	value = hash(text);
	/* 02: unicast, locally administered (IEEE 802). */
	snprintf(mac, DOMAIN_MAC, "02:%02x:%02x:%02x:%02x:%02x", (unsigned int)(value >> 32 & 0xff),
		 (unsigned int)(value >> 24 & 0xff), (unsigned int)(value >> 16 & 0xff),
		 (unsigned int)(value >> 8 & 0xff), (unsigned int)(value & 0xff));
	return mac;
}

/* Each vCPU gets two queues: with fewer, XDP sends behind a lock (virtio_net), or not at all. */
static void write_driver(struct element_writer *writer, const struct spec *spec)
{
	element_open(writer, "driver");
	element_attribute(writer, "name", "%s", access("/dev/vhost-net", F_OK) == 0 ? "vhost" : "qemu");
	element_attribute(writer, "queues", "%u", 2 * spec->vcpus);
	/* Native XDP wants whole, finished frames: the host completes checksums and splits merged frames before the
	 * guest gets them. */
	element_open(writer, "guest");
	for (size_t i = 0; i < 5; i++)
		element_attribute(writer, (const char *const[]){"csum", "tso4", "tso6", "ecn", "ufo"}[i], "off");
	element_close(writer);
	element_close(writer);
}

/* Writes a NIC on a bridge, or one with a device of its own on the host, which may be named. */
static void write_interface(struct element_writer *writer, const struct spec *spec, const struct instance *instance,
			    size_t port, const char *bridge, const char *device)
{
	const struct spec_network *network = port >= 1 && port <= spec->networks ? &spec->network[port - 1] : NULL;
	char mac[DOMAIN_MAC];

	element_open(writer, "interface");
	element_attribute(writer, "type", "%s", bridge ? "bridge" : "ethernet");
	element_leaf(writer, "mac", "address", "%s", domain_mac(instance, port, mac));
	if (bridge)
		element_leaf(writer, "source", "bridge", "%s", bridge);
	if (device)
		element_leaf(writer, "target", "dev", "%s", device);
	element_leaf(writer, "model", "type", "virtio");
	write_driver(writer, spec);
	if (network)
		element_leaf(writer, "mtu", "size", "%u", network->mtu);
	if (network && instance->role == ROLE_STANDBY)
		element_leaf(writer, "link", "state", "down");
	element_close(writer);
}

static void write_interfaces(struct element_writer *writer, const struct spec *spec, const struct instance *instance)
{
	char device[80];

	/* The order is that of the guest's ports. */
	write_interface(writer, spec, instance, 0, spec->management.bridge.text, NULL);
	for (size_t i = 0; i < spec->networks; i++) {
		snprintf(device, sizeof(device), "%s-%u-%s", instance->vnf, instance->replica,
			 spec->network[i].name.text);
		write_interface(writer, spec, instance, i + 1, spec->network[i].bridge.text,
				spec->network[i].bridge.text ? NULL : device);
	}
	for (size_t port = spec->networks + 1; port <= spec_ports(spec); port++)
		write_interface(writer, spec, instance, port, NULL, NULL);
}

static void write_disk(struct element_writer *writer, const char *format, const char *file, const char *target,
		       bool readonly)
{
	element_open(writer, "disk");
	element_attribute(writer, "type", "file");
	element_attribute(writer, "device", "disk");
	element_open(writer, "driver");
	element_attribute(writer, "name", "qemu");
	element_attribute(writer, "type", "%s", format);
	element_close(writer);
	element_leaf(writer, "source", "file", "%s", file);
	element_open(writer, "target");
	element_attribute(writer, "dev", "%s", target);
	element_attribute(writer, "bus", "virtio");
	element_close(writer);
	if (readonly)
		element_empty(writer, "readonly");
	element_close(writer);
}

static void write_devices(struct element_writer *writer, const struct spec *spec, const struct instance *instance,
			  const struct metadata *metadata)
{
	element_open(writer, "devices");
	write_disk(writer, "qcow2", metadata->disk, "vda", false);
	write_disk(writer, "raw", metadata->seed, "vdb", true);
	write_interfaces(writer, spec, instance);
	element_open(writer, "channel");
	element_attribute(writer, "type", "unix");
	element_open(writer, "target");
	element_attribute(writer, "type", "virtio");
	element_attribute(writer, "name", "org.qemu.guest_agent.0");
	element_close(writer);
	element_close(writer);
	element_leaf(writer, "serial", "type", "pty");
	element_open(writer, "rng");
	element_attribute(writer, "model", "virtio");
	element_open(writer, "backend");
	element_attribute(writer, "model", "random");
	element_text(writer, "/dev/urandom");
	element_close(writer);
	element_close(writer);
	element_leaf(writer, "memballoon", "model", "none");
	element_close(writer);
}

static bool with_kvm(const struct spec *spec)
{
	return spec->accelerator == SPEC_KVM ||
	       (spec->accelerator == SPEC_ANY_ACCELERATOR && access("/dev/kvm", R_OK | W_OK) == 0);
}

char *domain_xml(const struct spec *spec, const struct instance *instance, const struct metadata *metadata)
{
	struct element_writer *writer = element_writer_new();
	char name[INSTANCE_NAME];

	if (!writer)
		return NULL;
	element_open(writer, "domain");
	element_attribute(writer, "type", "%s", with_kvm(spec) ? "kvm" : "qemu");
	element_with_text(writer, "name", "%s", instance_name(instance, name));
	element_open(writer, "metadata");
	element_metadata(writer, metadata);
	element_close(writer);
	element_open(writer, "memory");
	element_attribute(writer, "unit", "MiB");
	element_text(writer, "%u", spec->memory_mib);
	element_close(writer);
	element_with_text(writer, "vcpu", "%u", spec->vcpus);
	element_open(writer, "os");
	element_open(writer, "type");
	element_attribute(writer, "arch", "x86_64");
	element_attribute(writer, "machine", "q35");
	element_text(writer, "hvm");
	element_close(writer);
	element_close(writer);
	element_open(writer, "features");
	element_empty(writer, "acpi");
	element_empty(writer, "apic");
	element_close(writer);
	if (with_kvm(spec))
		element_leaf(writer, "cpu", "mode", "host-passthrough");
	element_with_text(writer, "on_crash", "destroy");
	write_devices(writer, spec, instance, metadata);
	element_close(writer);
	return element_writer_finish(writer);
}

/* The <interface> with that MAC in a document; NULL: there is none. */
static xmlNodePtr find_interface(xmlDocPtr document, const char *mac)
{
	xmlXPathContextPtr context = document ? xmlXPathNewContext(document) : NULL;
	xmlXPathObjectPtr found = NULL;
	xmlNodePtr node = NULL;
	char path[80];

	snprintf(path, sizeof(path), "/domain/devices/interface[mac/@address='%s']", mac);
	if (context)
		found = xmlXPathEvalExpression((const xmlChar *)path, context);
	if (found && found->nodesetval && found->nodesetval->nodeNr)
		node = found->nodesetval->nodeTab[0];
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	return node;
}

static xmlNodePtr child(xmlNodePtr node, const char *name)
{
	for (xmlNodePtr each = node->children; each; each = each->next) {
		if (each->type == XML_ELEMENT_NODE && strcmp((const char *)each->name, name) == 0)
			return each;
	}
	return NULL;
}

static xmlDocPtr parse(const char *xml)
{
	return xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
}

int domain_device(const char *xml, const char *mac, char *device, size_t size)
{
	xmlDocPtr document = parse(xml);
	xmlNodePtr interface = find_interface(document, mac), target = interface ? child(interface, "target") : NULL;
	xmlChar *name = target ? xmlGetProp(target, (const xmlChar *)"dev") : NULL;

	snprintf(device, size, "%s", name ? (const char *)name : "");
	xmlFree(name);
	xmlFreeDoc(document);
	return *device ? 0 : -1;
}

char *domain_interface_xml(const char *xml, const char *mac, bool up)
{
	xmlDocPtr document = parse(xml);
	xmlNodePtr interface = find_interface(document, mac), link = interface ? child(interface, "link") : NULL;
	xmlBufferPtr buffer = interface ? xmlBufferCreate() : NULL;
	char *text = NULL;

	if (interface && !link)
		link = xmlNewChild(interface, NULL, (const xmlChar *)"link", NULL);
	if (link && xmlSetProp(link, (const xmlChar *)"state", (const xmlChar *)(up ? "up" : "down")) && buffer &&
	    xmlNodeDump(buffer, document, interface, 0, 0) >= 0)
		text = strdup((const char *)xmlBufferContent(buffer));
	if (buffer)
		xmlBufferFree(buffer);
	xmlFreeDoc(document);
	return text;
}

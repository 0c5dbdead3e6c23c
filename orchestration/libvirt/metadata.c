/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/metadata.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XML(text) ((const xmlChar *)(text))

static int write_attributes(xmlTextWriterPtr writer, const struct metadata *metadata)
{
	const char *const attributes[][2] = {
		{"role", instance_role_name(metadata->role)},
		{"image", metadata->image},
		{"address", metadata->address},
		{"disk", metadata->disk},
		{"seed", metadata->seed},
		{"ca", metadata->tls.ca},
		{"certificate", metadata->tls.certificate},
		{"key", metadata->tls.key},
	};
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (*attributes[i][1])
			rc = xmlTextWriterWriteAttribute(writer, XML(attributes[i][0]), XML(attributes[i][1]));
	}
	return rc;
}

int metadata_write(xmlTextWriterPtr writer, const struct metadata *metadata)
{
	if (xmlTextWriterStartElementNS(writer, XML(METADATA_KEY), XML("instance"), XML(METADATA_URI)) < 0 ||
	    write_attributes(writer, metadata) < 0)
		return -1;
	return xmlTextWriterEndElement(writer);
}

char *metadata_xml(const struct metadata *metadata)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	xmlTextWriterPtr writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	char *xml = NULL;

	/* libvirt adds the namespace, from arguments of their own. */
	if (writer && xmlTextWriterStartElement(writer, XML("instance")) >= 0 &&
	    write_attributes(writer, metadata) >= 0 && xmlTextWriterEndElement(writer) >= 0 &&
	    xmlTextWriterFlush(writer) >= 0)
		xml = strdup((const char *)xmlBufferContent(buffer));
	if (writer)
		xmlFreeTextWriter(writer);
	if (buffer)
		xmlBufferFree(buffer);
	return xml;
}

static void take(xmlNodePtr node, const char *name, char *into, size_t size)
{
	xmlChar *value = xmlGetProp(node, XML(name));

	snprintf(into, size, "%s", value ? (const char *)value : "");
	xmlFree(value);
}

int metadata_parse(const char *xml, struct metadata *metadata)
{
	xmlDocPtr document = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
	xmlNodePtr node = document ? xmlDocGetRootElement(document) : NULL;
	int rc = node && strcmp((const char *)node->name, "instance") == 0 ? 0 : -1;
	char role[16];

	memset(metadata, 0, sizeof(*metadata));
	if (rc == 0) {
		take(node, "role", role, sizeof(role));
		metadata->role = instance_role_parse(role);
		take(node, "image", metadata->image, sizeof(metadata->image));
		take(node, "address", metadata->address, sizeof(metadata->address));
		take(node, "disk", metadata->disk, sizeof(metadata->disk));
		take(node, "seed", metadata->seed, sizeof(metadata->seed));
		take(node, "ca", metadata->tls.ca, sizeof(metadata->tls.ca));
		take(node, "certificate", metadata->tls.certificate, sizeof(metadata->tls.certificate));
		take(node, "key", metadata->tls.key, sizeof(metadata->tls.key));
	}
	xmlFreeDoc(document);
	return rc;
}

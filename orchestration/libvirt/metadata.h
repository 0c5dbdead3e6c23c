/* SPDX-License-Identifier: Apache-2.0 */
/* The facts on an instance that libvirt keeps in the <metadata> of its domain. There is no other state. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_METADATA_H
#define SLUICE_ORCHESTRATION_LIBVIRT_METADATA_H

#include <libxml/xmlwriter.h>

#include "orchestration/instance.h"

#define METADATA_URI "urn:sluice:orchestration:1"
#define METADATA_KEY "sluice"

struct metadata {
	enum instance_role role;
	char image[INSTANCE_FILE], address[64];	       /* of gRPC, with its length: "192.0.2.10/24" */
	char disk[INSTANCE_FILE], seed[INSTANCE_FILE]; /* files that go with the domain */
	struct instance_tls tls;		       /* our files for gRPC */
};

/* Writes them as an element of a domain's XML. <0: out of memory. */
int metadata_write(xmlTextWriterPtr writer, const struct metadata *metadata);

/* The element for virDomainSetMetadata; free() it; NULL: out of memory. */
char *metadata_xml(const struct metadata *metadata);

/* Reads virDomainGetMetadata's element. 0, or -1: it is not such an element. */
int metadata_parse(const char *xml, struct metadata *metadata);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the YAML tests read: a text in the program, as the file "t.yaml". */
#ifndef SLUICE_TESTS_UNIT_YAML_TEXT_H
#define SLUICE_TESTS_UNIT_YAML_TEXT_H

#include <stdio.h>
#include <string.h>

#include "vnf/ctl/changes.h"
#include "vnf/ctl/yaml_read.h"

static inline int read_bytes(struct change_list *list, const void *bytes, size_t size, struct error *error)
{
	FILE *stream = fmemopen((void *)bytes, size, "r");
	int rc;

	assert_non_null(stream);
	rc = yaml_read(list, stream, "t.yaml", error);
	fclose(stream);
	return rc;
}

static inline int read_text(struct change_list *list, const char *text, struct error *error)
{
	memset(list, 0, sizeof(*list));
	memset(error, 0, sizeof(*error));
	return read_bytes(list, text, strlen(text), error);
}

#endif

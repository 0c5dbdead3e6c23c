/* SPDX-License-Identifier: Apache-2.0 */
/* Specs from texts in the program: the file is "vnf.yaml" in a folder of its own, which is the working directory. */
#ifndef SLUICE_TESTS_UNIT_ORCHESTRATION_TEXT_H
#define SLUICE_TESTS_UNIT_ORCHESTRATION_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/spec/spec.h"

static char folder[] = "/tmp/sluice-spec-XXXXXX";

static inline void write_text(const char *name, const char *text)
{
	FILE *stream = fopen(name, "w");

	assert_non_null(stream);
	fputs(text, stream);
	assert_int_equal(fclose(stream), 0);
}

static inline int enter_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	write_text("image.qcow2", "not read by any of these tests\n");
	write_text("day0.yaml", "vrf: [{name: x}]\n");
	return 0;
}

static inline int leave_folder(void **state)
{
	(void)state;
	unlink("vnf.yaml");
	unlink("image.qcow2");
	unlink("day0.yaml");
	assert_int_equal(chdir("/"), 0);
	return rmdir(folder);
}

static inline int read_spec(struct spec *spec, const char *text, struct error *error)
{
	memset(spec, 0, sizeof(*spec));
	memset(error, 0, sizeof(*error));
	write_text("vnf.yaml", text);
	return spec_read(spec, "vnf.yaml", error);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Paths in a spec are relative to the spec's own folder. */
#ifndef SLUICE_ORCHESTRATION_SPEC_PATH_H
#define SLUICE_ORCHESTRATION_SPEC_PATH_H

#include "orchestration/spec/spec.h"

/* The file's folder with the slash, "./" for a bare name; NULL: out of memory. */
char *spec_folder(const char *file);

/* Makes the spec's paths absolute, from spec->folder. 0, or -1: out of memory. */
int spec_anchor(struct spec *spec);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's file, /etc/sluice/sluice.yaml: sluiced.yaml(5). */
#ifndef SLUICE_CONFIG_H
#define SLUICE_CONFIG_H

#include <stdio.h>

#include "vnf/settings.h"

/*
 * Fills, as settings_fill does, the settings that the command line left open, and checks the whole. 0, or -1 and
 * *error: every fault has "file:line: key" for its field, or only the key where the command line has it. Call
 * settings_free in any case.
 */
int config_read(struct settings *settings, FILE *stream, const char *file, struct error *error);

#endif

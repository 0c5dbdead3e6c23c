/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: arguments after the command's own name, which main.c has counted; they return the exit code. */
#ifndef SLUICE_ORCHESTRATION_COMMANDS_H
#define SLUICE_ORCHESTRATION_COMMANDS_H

#include "orchestration/options.h"

int command_check(const struct options *options, char **arguments);
int command_up(const struct options *options, char **arguments);
int command_down(const struct options *options, char **arguments);
int command_status(const struct options *options, char **arguments);
int command_scale(const struct options *options, char **arguments);
int command_heal(const struct options *options, char **arguments);
int command_upgrade(const struct options *options, char **arguments);
int command_xml(const struct options *options, char **arguments);

#endif

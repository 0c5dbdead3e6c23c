/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_ORCHESTRATION_COMMANDS_H
#define SLUICE_ORCHESTRATION_COMMANDS_H

#include "orchestration/options.h"

extern const struct cli_command commands[];

/* The commands: `context` is the options. They get the arguments after their own name, which cli_run has counted, and
 * return the exit code. */
cli_command_run command_check, command_up, command_down, command_status, command_scale, command_heal, command_upgrade;
cli_command_run command_xml;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CTL_COMMANDS_H
#define SLUICE_CTL_COMMANDS_H

#include "vnf/ctl/changes.h"
#include "vnf/ctl/cli.h"
#include "vnf/ctl/session.h"

extern const struct cli_command commands[];

/* The commands: `context` is the session. They get the arguments after their own name, which cli_run has counted, and
 * return the exit code. */
cli_command_run command_apply, command_diff, command_drain, command_show, command_load, command_replace, command_delete,
	command_preflight, command_status;
cli_command_run command_history, command_rollback, command_confirm;
cli_command_run command_tx_begin, command_tx_stage, command_tx_validate, command_tx_commit, command_tx_abort;
cli_command_run command_whoami, command_health, command_stream, command_watch, command_top;
cli_command_run command_explain, command_trace, command_latency, command_capture;

void show_complete(struct cli_completion *completion), delete_complete(struct cli_completion *completion),
	watch_complete(struct cli_completion *completion);

/* "Apply? [y/N]" on a terminal, unless --yes. */
bool ask_confirmed(const struct session *session);

#endif

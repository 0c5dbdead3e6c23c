/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: arguments after the command's own name, which main.c has counted; they return the exit code. */
#ifndef SLUICE_CTL_COMMANDS_H
#define SLUICE_CTL_COMMANDS_H

#include "vnf/ctl/changes.h"
#include "vnf/ctl/session.h"

int command_apply(struct session *session, char **arguments);
int command_diff(struct session *session, char **arguments);
int command_show(struct session *session, char **arguments);
int command_load(struct session *session, char **arguments);
int command_delete(struct session *session, char **arguments);
int command_preflight(struct session *session, char **arguments);
int command_status(struct session *session, char **arguments);
int command_tx_begin(struct session *session, char **arguments);
int command_tx_stage(struct session *session, char **arguments);
int command_tx_validate(struct session *session, char **arguments);
int command_tx_commit(struct session *session, char **arguments);
int command_tx_abort(struct session *session, char **arguments);

/* Of apply --prune: adds deletions of what session's owner has and the list does not name. */
int add_pruned(struct session *session, struct change_list *list);

#endif

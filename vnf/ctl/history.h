/* SPDX-License-Identifier: Apache-2.0 */
/* Revisions on the command line. */
#ifndef SLUICE_CTL_HISTORY_H
#define SLUICE_CTL_HISTORY_H

#include "vnf/ctl/session.h"

struct cli_completion;

/* A revision from its text. 0, or -1 and a line on stderr. */
int revision_argument(const char *text, uint64_t *revision);
/* Offers the revisions that the router knows. */
void history_offer_revisions(struct cli_completion *completion);

/* diff REVISION [REVISION]: what differs. DIFFERENT where something does. */
int diff_revisions(struct session *session, char **arguments);

#endif

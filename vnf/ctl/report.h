/* SPDX-License-Identifier: Apache-2.0 */
/* What a write would do or has done, for people. */
#ifndef SLUICE_CTL_REPORT_H
#define SLUICE_CTL_REPORT_H

#include <stdbool.h>

#include "vnf/ctl/submission.h"

/* Does the dry run show any effect. */
bool result_changes(const Sluice__V1__WriteResult *result);

/* The differences, as YAML with the lines marked that come and go. DONE, or an exit code. */
int print_differences(const struct submission *submission);

/* "revision 12, generation 30: 3 created, 1 replaced, 4 unchanged", and what of it no packet meets yet, with reasons.
 */
void print_result(const struct session *session, const Sluice__V1__WriteResult *result);

/* "3 created, 1 replaced". Returns `text`. */
const char *counts_text(const Sluice__V1__WriteResult *result, char *text, size_t size);

#endif

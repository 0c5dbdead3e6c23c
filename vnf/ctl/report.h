/* SPDX-License-Identifier: Apache-2.0 */
/* Prints for people the effect that a write would have or has had. */
#ifndef SLUICE_CTL_REPORT_H
#define SLUICE_CTL_REPORT_H

#include <stdbool.h>

#include "vnf/ctl/submission.h"

/* Does the dry run show any effect? */
bool result_changes(const Sluice__V1__WriteResult *result);

/* One of them. DONE, or an exit code. */
int print_difference(const struct session *session, const Sluice__V1__Difference *difference);

/* The differences, as YAML with the lines marked that come and go. DONE, or an exit code. */
int print_differences(const struct submission *submission);

/* Prints "revision 12, generation 30: 3 created, 1 replaced, 4 unchanged", and, with their reasons, the resources
 * that no packet meets yet. */
void print_result(const struct session *session, const Sluice__V1__WriteResult *result);

/* Writes "3 created, 1 replaced". Returns `text`. */
const char *counts_text(const Sluice__V1__WriteResult *result, char *text, size_t size);

#endif

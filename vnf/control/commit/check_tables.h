/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that take a walk over a table of some thousand, made only when the changes touch what they are about. */
#ifndef SLUICE_CONTROL_CHECK_TABLES_H
#define SLUICE_CONTROL_CHECK_TABLES_H

#include "vnf/control/commit/check.h"

void check_tables(struct check *check);

#endif

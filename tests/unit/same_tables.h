/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_TESTS_SAME_TABLES_H
#define SLUICE_TESTS_SAME_TABLES_H

#include "vnf/dataplane/bank/bank.h"

/*
 * Both banks say the same to packets, and hold nothing else. What may differ is where: slots of hash tables, the VRFs'
 * blocks in classifiers[], and the ids of VTEPs.
 */
void assert_same_tables(const struct dp_limits *limits, const struct bank *a, const struct bank *b);

/* The same rules for packets of many kinds. */
void assert_same_policy(const struct dp_limits *limits, const struct bank *a, const struct bank *b);

#endif

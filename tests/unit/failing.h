/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out when a test says so: for programs that link with sluice_failing (CMakeLists.txt), in what they
 * compile and in the project's own libraries. Other libraries allocate as ever. */
#ifndef SLUICE_TESTS_UNIT_FAILING_H
#define SLUICE_TESTS_UNIT_FAILING_H

/* Allocations from now on until one fails; 0: none does. Set it only while no other thread allocates. */
extern unsigned int fail_in;

#endif

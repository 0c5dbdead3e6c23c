/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out and disks that fail when a test says so: for programs that link with sluice_failing
 * (CMakeLists.txt), in what they compile and in the project's own libraries. Other libraries allocate as ever. */
#ifndef SLUICE_TESTS_UNIT_FAILING_H
#define SLUICE_TESTS_UNIT_FAILING_H

#include <stdatomic.h>
#include <stddef.h>

/* Allocations from now on until one fails; 0: none does. Set it only while no other thread allocates. */
extern atomic_uint fail_in;

/* pwrite, fdatasync, fsync, ftruncate and renameat: */
struct failing_disk {
	unsigned int in;     /* calls until one fails; 0: none does */
	int error;	     /* errno of that call */
	int all;	     /* from that call on all fail: the process is dead, or the disk */
	size_t torn;	     /* so many bytes of a pwrite that fails are written first */
	unsigned int failed; /* calls so far */
};
extern struct failing_disk failing_disk;

#endif

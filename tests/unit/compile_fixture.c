/* SPDX-License-Identifier: Apache-2.0 */
#include "compile_fixture.h"

#include <string.h>

struct fake_run *fake;
struct snapshot snapshot;

int fake_run_setup(void **state)
{
	(void)state;
	memset(&snapshot, 0, sizeof(snapshot));
	fake = fake_run_new();
	return 0;
}

int fake_run_teardown(void **state)
{
	(void)state;
	fake_run_free(fake);
	fake_reset();
	return 0;
}

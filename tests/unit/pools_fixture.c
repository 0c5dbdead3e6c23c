/* SPDX-License-Identifier: Apache-2.0 */
#include "pools_fixture.h"

#include <stdio.h>

void sync_and_check(void)
{
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
	assert_tables_equal(active(), idle());
}

void run_well(void)
{
	assert_int_equal(commit(), 0);
	sync_and_check();
}

struct member *put_member(const char *name, const char *of, uint16_t weight)
{
	static unsigned int number;
	struct member *member;
	char address[32];

	snprintf(address, sizeof(address), "10.1.%u.%u", number / 250 % 250, number % 250 + 1);
	number++;
	member = (struct member *)fake_member(name, of, address, 80);
	member->weight = weight;
	change(&member->resource);
	return member;
}

struct pool *put_pool(const char *name)
{
	struct pool *made = (struct pool *)fake_pool(name, "red", false);

	change(&made->resource);
	return made;
}

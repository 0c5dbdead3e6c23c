/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of pools whose tables do not all fit, against tables that are made anew, in both banks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "pools_fixture.h"

#include "tests/wants_long.h"

/* No word is in two blocks of the bank. */
static void check_blocks(const struct bank *bank)
{
	static uint8_t taken[1 << 16];

	memset(taken, 0, sizeof(taken));
	for (uint32_t id = 1; id < table_rows(DP_TABLE_pools); id++) {
		const struct dp_pool *row = &bank->pools[id];
		const uint32_t blocks[][2] = {{row->table, (row->rows + 3) / 4},
					      {row->list, (row->members + 1) / 2},
					      {row->previous, (row->previous_rows + 3) / 4},
					      {row->previous_list, (row->previous_members + 1) / 2}};

		for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
			assert_true((blocks[i][0] == 0) == (blocks[i][1] == 0));
			assert_in_range(blocks[i][0] + blocks[i][1], 0, table_rows(DP_TABLE_service_words));
			for (uint32_t j = 0; j < blocks[i][1]; j++)
				assert_int_equal(taken[blocks[i][0] + j]++, 0);
		}
	}
}

/* Members come, go, and move among pools with more tables than there are words for, while commits fail. */
static void random_changes(void **state)
{
	const unsigned int commits = wants_long(0, NULL) ? 20000 : 800;
	unsigned int refused = 0, full = 0;

	(void)state;
	srand(getenv("SLUICE_SEED") ? (unsigned int)atoi(getenv("SLUICE_SEED")) : 1);
	for (unsigned int i = 0; i < 9; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%u", i);
		put_pool(name)->previous_seconds = i % 3 ? 60 : 1;
	}
	run_well();
	for (unsigned int i = 0; i < commits; i++) {
		for (unsigned int j = (unsigned int)rand() % 12; j > 0; j--) {
			char name[16], of[16];

			snprintf(name, sizeof(name), "m%d", rand() % 70);
			snprintf(of, sizeof(of), "p%d", rand() % 3 ? rand() % 9 : rand() % 2);
			if (is_changed(RESOURCE_MEMBER, name))
				continue;
			if (rand() % 3 == 0 && snapshot_find(in_the_making(), RESOURCE_MEMBER, name))
				withdraw(RESOURCE_MEMBER, name);
			else
				put_member(name, of, (uint16_t)(rand() % 4));
		}
		fail_in = rand() % 4 == 0 ? 1 + (unsigned int)rand() % 20 : 0;
		switch (commit()) {
		case -ENOSPC:
			full++;
			break;
		case -ENOMEM:
			refused++;
		}
		fail_in = 0;
		if (i % 4)
			continue;
		sync_and_check();
		check_blocks(active());
		if (i % 16 == 0)
			assert_as_compiled_anew();
	}
	print_message("%u commits, %u refused for want of memory, %u of words\n", commits, refused, full);
	assert_in_range(refused, commits / 20, commits / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_changes, reconciler_set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

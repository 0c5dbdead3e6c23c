/* SPDX-License-Identifier: Apache-2.0 */
/* Connections, without the router around them. */
#include <stdio.h>
#include <string.h>

#include "tests/bpf/connection_rig.h"

/* The vectors of the reference implementation with one and three rounds, for messages 00 01 02 … of 15 and 39 bytes. */
static void test_siphash(void **state)
{
	static const uint64_t word[] = {0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918,
					0x27262524232221};
	const uint64_t *secret = word;

	(void)state;
	assert_int_equal(dp_connection_hash4((const __u64 *)secret, word[0], word[1] & 0xffffffffffffff),
			 0xd320d86d2a519956);
	assert_int_equal(dp_connection_hash6((const __u64 *)secret, (const __u64 *)word, (const __u64 *)word + 2,
					     0x26252423222120),
			 0x626b57547b108392);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash),
		cmocka_unit_test(test_open_and_close),
		cmocka_unit_test(test_responder_reopens),
		cmocka_unit_test(test_simultaneous_open),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_what_can_begin_none),
		cmocka_unit_test(test_pickup),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors_about_echoes),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_relabel_and_end),
		cmocka_unit_test(test_embryonic_ones_have_half_the_ways),
		cmocka_unit_test(test_what_is_over_gives_way),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_a_flood_loses_nothing_established),
		cmocka_unit_test(test_two_cpus),
	};
	int error = connection_rig_open(1U << 16);

	if (error == -1) {
		puts("SKIP: loading BPF programs is not permitted here");
		return 77;
	}
	if (error) {
		printf("cannot load the program: %s\n", strerror(-error));
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

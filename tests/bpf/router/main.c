/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the groups in order, for each context of the router; the last test asks whether every reason was met by one of
 * them. */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bpf/router/rig.h"
#include "tests/wants_long.h"

#define SKIPPED 77 /* tells ctest */

/*
 * Not met: no_headroom, because a test run always offers the 256 bytes of headroom that XDP asks of drivers, and the
 * largest header to be written takes 92; and state_unknown, which is another program's (closed_program.c) and the lab
 * test_restart's.
 */
static void every_reason_was_met(void **state)
{
	const bool *seen = rig_reasons_seen();
	int missing = 0;

	(void)state;
	for (int i = 0; i < DP_REASON_COUNT; i++) {
		if (seen[i] || i == DP_REASON_no_headroom || i == DP_REASON_state_unknown)
			continue;
		print_error("never met: %s\n", reason_names[i]);
		missing++;
	}
	assert_int_equal(missing, 0);
}

static int all_tests(void)
{
	int failed = 0;

	failed += parse_tests();
	failed += forward_tests();
	failed += group_tests();
	failed += decap_tests();
	failed += decap_plain_tests();
	failed += encap_tests();
	failed += checksum_tests();
	failed += chain_tests();
	failed += headers_tests();
	failed += truncate_tests();
	failed += observe_tests();
	failed += explain_tests();
	failed += link_tests();
	failed += fallback_tests();
	failed += service_tests(); /* before those that use up what errors a VRF may send */
	failed += policy_tests();
	failed += option_tests();
	failed += qos_tests();
	failed += ddos_tests();
	failed += answer_tests();
	failed += mss_tests();
	failed += tunnel_path_tests();
	failed += proxy_tests();
	failed += policy_limit_tests();
	failed += commit_tests();
	return failed;
}

/* Those that find their rows in most tables. */
static int table_tests(void)
{
	return forward_tests() + group_tests() + encap_tests() + chain_tests() + service_tests() + policy_tests();
}

/* The tables as small as they usually are, and as large as they can be; in the contexts of both programs. */
static int run_with(const char *profile, enum rig_context context, int (*tests)(void))
{
	int failed, error = rig_open(profile, context);

	if (error) {
		if (error == -EPERM)
			printf("SKIP: loading a BPF program needs root (CAP_BPF, CAP_NET_ADMIN)\n");
		else
			fprintf(stderr, "the program does not load: %s\n", strerror(-error));
		rig_close();
		exit(error == -EPERM ? SKIPPED : 1);
	}
	rig_fill(rig_bank(0));
	failed = tests();
	rig_close();
	return failed;
}

/* What is sent goes nowhere else. Without the right to that, loading says so. */
static void own_namespace(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = unshare(CLONE_NEWNET) ? -1 : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &loopback))
		close(fd);
}

/* One packet in so many is explained; with SLUICE_LONG each. */
#define EXPLAINED	  4
#define BRIEFLY_EXPLAINED 16

/* With --brief, no large tables are met, few packets are drawn, and few explained: for an emulated machine. With
 * another argument, only the tests whose names match that are run, in which * stands for anything. With SLUICE_LONG all
 * tests meet large tables. */
int main(int argc, char **argv)
{
	static const struct CMUnitTest last[] = {cmocka_unit_test(every_reason_was_met)};
	const bool brief = argc > 1 && strcmp(argv[1], "--brief") == 0;
	int (*const large)(void) = wants_long(0, NULL) ? all_tests : table_tests;
	int failed;

	own_namespace();
	if (!wants_long(0, NULL))
		rig_explain_one_in(brief ? BRIEFLY_EXPLAINED : EXPLAINED);
	rig_draw_few(brief);
	if (argc > 1 && !brief)
		cmocka_set_test_filter(argv[1]);
	failed = run_with("small", RIG_XDP, all_tests) + run_with("small", RIG_TC, all_tests);
	if (!brief)
		failed += run_with("most", RIG_XDP, large) + run_with("most", RIG_TC, large);

	failed += cmocka_run_group_tests_name("reasons", last, NULL, NULL);
	return failed != 0;
}

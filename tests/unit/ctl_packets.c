/* SPDX-License-Identifier: Apache-2.0 */
/* explain, trace and capture: output, files and exit codes, over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/ctl_fixture.h"

#define PACKET "--interface in0 --from 10.0.0.1 --to 10.0.0.2 "

static void packets_are_explained(void **state)
{
	(void)state;
	expect("explain " PACKET "--proto tcp --dport 443", 0,
	       "54 bytes by in0, revision 7, generation 9, program xdp\n"
	       "  parse_ip      source 10.0.0.1, source port 9\n"
	       "  policy        rule web\n"
	       "forwarded: routed to a neighbour; leaves by up0 (eth1)\n");
	expect("explain --port in0 --from 10.0.0.1 --to 10.0.0.2 --protocol tcp --dport 80", 1,
	       "  policy        rule web -> denied\n"
	       "dropped: denied, a rule denies it\n"
	       "  remedy: look at the rule\n");
	expect("explain " PACKET "--dport 80 -o wide", 1, "  admit         (does its work)\n");
	expect("explain " PACKET "--dport 80 -o json", 1, "\"reason\": \"denied\"");
	expect("explain " PACKET "--tcp-flags syn,ack --transaction t", 0, "72 bytes by in0, revision 8");
	expect("explain --interface in0 --packet 'dd:00 0a0b'", 1, "4 bytes by in0");
}

static void wrong_packets_are_refused(void **state)
{
	(void)state;
	expect("explain --from 10.0.0.1 --to 10.0.0.2", 2, "error: --interface: say by which interface it comes");
	expect("explain --interface none --from 10.0.0.1 --to 10.0.0.2", 2,
	       "interface: there is no interface \"none\"");
	expect("explain --interface in0", 2, "error: which packet?");
	expect("explain " PACKET "--packet 00", 2, "one of them says which packet");
	expect("explain --interface in0 --packet 0g", 2, "'g' is no hex digit");
	expect("explain --interface in0 --pcap none", 2, "error: none: No such file");
	expect("explain " PACKET "--tcp-flags syn,ak", 2, "error: --tcp-flags ak: ");
	expect("explain " PACKET "--ttl 256", 2, "--ttl 256: a number from 1 to 255");
	expect("explain " PACKET "--count 1", 2, "--count");
}

static void traces_are_shown(void **state)
{
	(void)state;
	expect("trace --count 2 --interface in0", 0,
	       "22:13:20.123456789 packet 0 of CPU 1 by in0, generation 9, program xdp\n"
	       "  parse_ip      source 10.0.0.1, source port 9\n"
	       "  policy        rule web\n"
	       "forwarded: routed to a neighbour; leaves by up0 (eth1)\n"
	       "22:13:20.123456789 packet 1 of CPU 1 by in0");
	assert_non_null(strstr(output, "2 packets, 1 lost\n"));
	expect("trace --count 1 -o json", 0, "\"generation\": 9");
	expect("trace", 2, "error: --count: say how many packets, 1 to 1000000");
	expect("trace --count 1 --verdict lost", 2, "not one of forwarded, punted, dropped, answered");
	expect("trace --count 999", 2, "eight sessions are open");
}

/* Packets are fewer than asked for: Ctrl-C ends it, and all is well. */
static void ctrl_c_ends_it(void **state)
{
	(void)state;
	assert_int_equal(shell("true\n" SLUICECTL " trace --count 10 >traced 2>said & pid=$!\n"
			       "for i in {1..600}; do grep -q 'packet 2 of' traced && break; sleep 0.05; done\n"
			       "kill -INT $pid; wait $pid; code=$?; cat said; exit $code"),
			 0);
	assert_non_null(strstr(output, "3 packets, 2 lost\n"));
	assert_int_equal(shell("true\n" SLUICECTL " capture --count 10 -w file.pcapng 2>said & pid=$!\n"
			       "for i in {1..600}; do [ \"$(stat -c %s file.pcapng)\" -ge 950 ] && break; sleep 0.05; "
			       "done 2>/dev/null\nkill -INT $pid; wait $pid; code=$?; cat said; exit $code"),
			 0);
	assert_non_null(strstr(output, "3 packets, 2 lost\n"));
	/* and the file is whole: its last frame can be explained */
	expect("explain --interface in0 --pcap file.pcapng --packet-number 4", 2, "packet 4: the packet was cut short");
	expect("explain --interface in0 --pcap file.pcapng --packet-number 5", 2,
	       "packet 5: the file has fewer packets");
}

static void captures_are_lines(void **state)
{
	(void)state;
	expect("capture --count 2", 0,
	       "22:13:20.123456789 in in0: 10.0.0.1:9 > 10.0.0.2:443 tcp, 54 bytes; out up0: 10.0.0.1:9 > 10.0.0.2:443 "
	       "tcp, 104 bytes; vrf red, forwarded\n"
	       "22:13:20.123456789 in in0: 10.0.0.1:9 > 10.0.0.2:443 tcp, 54 bytes; vrf red, denied\n");
	assert_non_null(strstr(output, "2 packets, 1 lost\n"));
	expect("capture", 2, "error: --count: say how many packets");
	expect("capture --count 1 -w /dev/full", 2, "error: the capture cannot be written: No space left");
}

static void latencies_are_shown(void **state)
{
	(void)state;
	expect("latency --count 2", 0,
	       "22:13:20.123456789: 0 packets looked at, 0 lost; none whose way back could be seen\n\n"
	       "22:13:20.123456789: 100 packets looked at, 1 lost\n"
	       "WAY              NAME  INTO   SENT  RETURNED     P50      P99  LONGEST\n"
	       "port_pair_group  ids   s1-in    10         9  950 ns  3.21 ms   2.00 s\n"
	       "next_hop         gw             10         0");
	expect("latency --count 2 -o json", 0, "\"p99\": 3210000");
	expect("latency --one-in 3", 2, "one_in: 3 is not a power of two");
	expect("latency --one-in 0", 2, "--one-in 0: a number from 1 to 32768 is expected");
	expect("latency -o yaml", 2, "use -o json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packets_are_explained, start, stop),
		cmocka_unit_test_setup_teardown(wrong_packets_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(traces_are_shown, start, stop),
		cmocka_unit_test_setup_teardown(ctrl_c_ends_it, start, stop),
		cmocka_unit_test_setup_teardown(captures_are_lines, start, stop),
		cmocka_unit_test_setup_teardown(latencies_are_shown, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

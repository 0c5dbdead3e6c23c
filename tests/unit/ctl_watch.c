/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl watch and show verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/unit/ctl_fixture.h"

static void a_line_an_event(void **state)
{
	(void)state;
	expect("watch", 2,
	       "vrf red: revision 41, programmed\nvrf blue: revision 41, programmed\n"
	       "that is all of revision 42, generation 7\nvrf red: gone\nrevision 43, generation 8\n"
	       "5 events were lost: all begins anew\n");
	assert_non_null(strstr(output, "out of memory: watch again"));
	expect("watch vrfs routes --programmed --from 40", 2,
	       "vrf blue: revision 41, not programmed: it waits\nthat is what has changed up to revision 42, "
	       "generation 7\n");
	expect("watch -o json", 2, "{\"gone\":{\"kind\":\"vrf\",\"key\":\"red\"}}\n");
	expect("watch -o yaml", 2, "use -o json");
	expect("watch nonsense", 2, "there is no kind \"nonsense\"");
	expect("watch --from x", 2, "\"x\" is not a revision");
	expect("watch --vrf none", 2, "vrf: no VRF may have this name");
}

static void verdicts_by_revision(void **state)
{
	(void)state;
	expect("show verdicts", 0, "deny-web");
	assert_non_null(strstr(output, "4112"));
	assert_non_null(strstr(output, "5000"));
	expect("show verdicts --reason denied --from 812 -o json", 0, "\"rule\": \"deny-web\"");
	expect("show verdicts --reason nonsense", 2, "there is no reason \"nonsense\"");
	expect("show verdicts --from x", 2, "not a revision");
	expect("show verdicts --from 813", 0, "nothing there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_an_event, start, stop),
		cmocka_unit_test_setup_teardown(verdicts_by_revision, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

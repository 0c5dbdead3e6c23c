/* SPDX-License-Identifier: Apache-2.0 */
/* What the control plane refuses about tunnels of kinds without VNIs, and what it takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"

static const char *const base[] = {
	"upsert vrf name=under",
	"upsert vrf name=red",
	"upsert vrf name=blue",
	"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	"vni_bindings[0].vni=100 vni_bindings[0].vrf=red",
	"upsert next_hop name=th tunnel.tunnel_endpoint=t1 tunnel.vni=100 tunnel.mac=02:00:00:00:00:09",
	NULL,
};

struct rule {
	const char *line;
	enum error_code code;
	const char *field, *text;
	const char *more; /* a second change */
};

#define INVALID ERROR_INVALID_ARGUMENT
#define R	"changes[0].resource."
#define PLAIN                                                                                                          \
	"upsert tunnel_endpoint name=plain kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under"

static const struct rule rules[] = {
	{"upsert tunnel_endpoint name=x kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "udp_port=4",
	 INVALID, R "tunnel_endpoint.udp_port", "ipip tunnels have no UDP header", NULL},
	{"upsert tunnel_endpoint name=x kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "udp_checksum=2",
	 INVALID, R "tunnel_endpoint.udp_checksum", "leave it unspecified", NULL},
	{"upsert tunnel_endpoint name=x kind=4 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vni=5 vni_bindings[0].vrf=red",
	 INVALID, R "tunnel_endpoint.vni_bindings[0].vni", "gue tunnels have no VNI", NULL},
	{"upsert tunnel_endpoint name=x kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vrf=red vni_bindings[1].vrf=blue",
	 INVALID, R "tunnel_endpoint.vni_bindings", "at most one", NULL},
	{"upsert tunnel_endpoint name=x kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vrf=red vni_bindings[0].gateway_addresses[0].address=10.0.0.1/24",
	 INVALID, R "tunnel_endpoint.vni_bindings[0].gateway_addresses", "give the addresses to the VRF", NULL},
	{"upsert tunnel_endpoint name=x kind=4 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "udp_port=4789",
	 INVALID, R "tunnel_endpoint.udp_port", "VXLAN tunnels use this UDP port", NULL},
	{"upsert tunnel_endpoint name=x kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=red "
	 "vni_bindings[0].vrf=under",
	 INVALID, R "tunnel_endpoint.underlay_vrf", "circular", NULL},
	{"upsert tunnel_endpoint name=t1 kind=3 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under",
	 ERROR_FAILED_PRECONDITION, R "tunnel_endpoint.vni_bindings", "next hop \"th\" still uses VNI 100", NULL},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=plain tunnel.vni=5 tunnel.mac=02:00:00:00:00:07", INVALID,
	 R "next_hop.tunnel.vni", "kind that has no VNI", PLAIN},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=plain tunnel.mac=02:00:00:00:00:07", INVALID,
	 R "next_hop.tunnel.mac", "without inner frames", PLAIN},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=t1 tunnel.vni=0 tunnel.mac=02:00:00:00:00:07", INVALID,
	 R "next_hop.tunnel.vni", "1 to 16777215", NULL},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=t1 tunnel.vni=0", INVALID, R "next_hop.tunnel.mac",
	 "must not be empty", NULL},
};

static void test_rules(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct rule *rule = &rules[i];

		must_refuse(&fixture, rule->code, rule->field, rule->text, LINES(rule->line, rule->more));
	}
	fixture_free(&fixture);
}

/* The binding says the VRF of one remote; it comes and goes, but not the kind while a next hop goes by it. */
static void test_remotes(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	must_apply(&fixture, LINES(PLAIN " vni_bindings[0].vrf=red",
				   "upsert tunnel_endpoint name=other kind=3 local_address=192.0.2.1 "
				   "remote_address=192.0.2.4 underlay_vrf=under vni_bindings[0].vrf=blue",
				   "upsert next_hop name=n tunnel.tunnel_endpoint=plain"));
	must_apply(&fixture, LINES(PLAIN));
	must_apply(&fixture, LINES(PLAIN " vni_bindings[0].vrf=blue"));
	must_refuse(&fixture, ERROR_FAILED_PRECONDITION, R "tunnel_endpoint.kind", "next hop \"n\" still uses",
		    LINES("upsert tunnel_endpoint name=plain kind=1 local_address=192.0.2.1 "
			  "remote_address=192.0.2.3 underlay_vrf=under vni_bindings[0].vni=7 "
			  "vni_bindings[0].vrf=blue"));
	must_apply(&fixture, LINES("upsert tunnel_endpoint name=plain kind=4 local_address=192.0.2.1 "
				   "remote_address=192.0.2.3 underlay_vrf=under"));
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_remotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's file: every key, and every mistake with its line, its key and what would be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/config.h"

static int read_text(struct settings *settings, const char *text, size_t size, struct error *error)
{
	FILE *stream = tmpfile();
	int status;

	memset(error, 0, sizeof(*error));
	assert_int_equal(fwrite(text, 1, size, stream), size);
	rewind(stream);
	status = config_read(settings, stream, "sluice.yaml", error);
	fclose(stream);
	return status;
}

static void every_key(void **state)
{
	static const char text[] =
		"listen:\n  - unix:/run/a\n  - 0.0.0.0:50051\n"
		"tls: {certificate: /t/c, key: /t/k, client_ca: /t/ca}\n"
		"access_policy: /e/access\n"
		"management: {interface: eth0}\ndataplane: {namespace: dp, flow_salt: 0xfedcba9876543210}\n"
		"limits: {profile: internet, max_vrfs: 5, max_interfaces: 6, max_tunnel_endpoints: 7,\n"
		"  max_vni_bindings: 8, max_next_hops: 9, max_next_hop_groups: 10, max_routes: 11,\n"
		"  max_port_pairs: 12, max_port_pair_groups: 13, max_flow_classifiers: 14,\n"
		"  max_port_chains: 15, max_policy_rules: 16, max_address_groups: 17, max_security_groups: 18,\n"
		"  max_rate_limiters: 19, max_qos_policies: 20, max_ddos_profiles: 21, max_conntrack_profiles: 22,\n"
		"  max_load_balancers: 23, max_listeners: 24, max_pools: 25, max_members: 26, max_health_monitors: "
		"27,\n"
		"  max_connections: 28, max_fib_words: 100000}\n"
		"sampling: 512\nsflow: {collectors: [192.0.2.1, \"[2001:db8::1]:9\"], polling_seconds: 0,\n"
		"  agent_address: 2001:db8::2, header_bytes: 64, tunnels: false}\n"
		"log: {level: debug, format: json}\n"
		"web: {listen: [9111, 192.0.2.1:9112]}\n";
	struct settings settings = {0};
	struct error error;

	(void)state;
	assert_int_equal(read_text(&settings, text, strlen(text), &error), 0);
	assert_string_equal(settings.listen[0], "unix:/run/a");
	assert_string_equal(settings.listen[1], "0.0.0.0:50051");
	assert_null(settings.listen[2]);
	assert_false(settings.insecure);
	assert_string_equal(settings.web_listen[0], "9111");
	assert_string_equal(settings.web_listen[1], "192.0.2.1:9112");
	assert_null(settings.web_listen[2]);
	assert_string_equal(settings.tls.certificate, "/t/c");
	assert_string_equal(settings.tls.key, "/t/k");
	assert_string_equal(settings.tls.client_ca, "/t/ca");
	assert_string_equal(settings.access_policy, "/e/access");
	assert_string_equal(settings.management_interface, "eth0");
	assert_string_equal(settings.dataplane_namespace, "dp");
	assert_true(settings.flow_salt == 0xfedcba9876543210);
	assert_string_equal(settings.limits_profile, "internet");
	for (enum limit i = 0; i < LIMIT_connections; i++)
		assert_int_equal(limit_get(&settings.limits, i), i + 5);
	assert_int_equal(settings.limits.connections, 1024); /* the least */
	assert_int_equal(settings.limits.fib_words, 1 << 17);
	assert_int_equal(settings.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(settings.log_format, LOG_FORMAT_JSON);
	assert_int_equal(settings.sflow.collectors, 2);
	assert_int_equal(ntohs(settings.sflow.collector[0].v4.sin_port), 6343);
	assert_int_equal(ntohs(settings.sflow.collector[1].v6.sin6_port), 9);
	assert_int_equal(settings.sampling, 512);
	assert_int_equal(settings.sflow.polling_seconds, 0);
	assert_int_equal(settings.sflow.agent.family, 6);
	assert_int_equal(settings.sflow.header_bytes, 64);
	assert_true(settings.sflow.no_tunnels);
	settings_free(&settings);
}

static void sflow_has_defaults(void **state)
{
	static const char text[] = "sflow: {collectors: 192.0.2.1}\n";
	struct settings settings = {0};
	struct error error;

	(void)state;
	assert_int_equal(read_text(&settings, text, strlen(text), &error), 0);
	assert_int_equal(settings.sflow.collectors, 1);
	assert_int_equal(settings.sampling, 1000);
	assert_int_equal(settings.sflow.polling_seconds, 20);
	assert_int_equal(settings.sflow.agent.family, 0);
	assert_int_equal(settings.sflow.header_bytes, 128);
	assert_false(settings.sflow.no_tunnels);
	settings_free(&settings);
}

static void nothing_is_the_defaults(void **state)
{
	static const char *const texts[] = {"", "# nothing\n", "---\n", "listen:\ntls:\nlog: {level: }\n", "~"};
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct settings settings = {0};

		assert_int_equal(read_text(&settings, texts[i], strlen(texts[i]), &error), 0);
		assert_string_equal(settings.listen[0], SETTINGS_DEFAULT_LISTEN);
		assert_null(settings.listen[1]);
		assert_null(settings.tls.certificate);
		assert_int_equal(settings.log_level, LOG_LEVEL_INFO);
		assert_int_equal(settings.sampling, 0);
		settings_free(&settings);
	}
}

static void the_command_line_wins(void **state)
{
	static const char text[] = "listen: 192.0.2.1:50051\nlimits: {profile: small, max_routes: 7, max_vrfs: "
				   "3}\nlog: {level: debug, format: json}\n";
	struct settings settings = {0};
	struct error error;
	char why[SETTING_WHY];

	(void)state;
	setting_listen(&settings, "unix:/run/b", why);
	setting_limits_profile(&settings, "most", why);
	setting_limit(&settings, LIMIT_routes, "9", why);
	setting_log_level(&settings, "error", why);
	setting_log_format(&settings, "text", why);
	assert_int_equal(read_text(&settings, text, strlen(text), &error), 0);
	assert_string_equal(settings.listen[0], "unix:/run/b");
	assert_null(settings.listen[1]);
	assert_int_equal(settings.limits.routes, 9);
	assert_int_equal(settings.limits.vrfs, 3);
	assert_int_equal(settings.limits.next_hops, DP_MAX_NEXT_HOPS);
	assert_int_equal(settings.log_level, LOG_LEVEL_ERROR);
	assert_int_equal(settings.log_format, LOG_FORMAT_TEXT);
	settings_free(&settings);

	/* and allows what the file asks for */
	assert_int_equal(read_text(&settings, text, strlen(text), &error), -1);
	assert_string_equal(error.fault[0].field, "sluice.yaml:1: listen[0]");
	settings_free(&settings);
	settings.insecure = true;
	assert_int_equal(read_text(&settings, text, strlen(text), &error), 0);
	settings_free(&settings);
}

#define HOSTILE(text) text, sizeof(text) - 1

static void each_mistake(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *field, *says;
	} cases[] = {
		{HOSTILE("\nlisen: unix:/a\n"), "sluice.yaml:2: lisen", "did you mean listen?"},
		{HOSTILE("tls: {cert: /a}\n"), "sluice.yaml:1: tls.cert", "there are certificate, key, client_ca"},
		{HOSTILE("wholly: {wrong: 1}\n"), "sluice.yaml:1: wholly",
		 "there are listen, insecure, state_directory, pin_directory, on_unknown_state, access_policy, "
		 "sampling, tls, management, dataplane, limits, sflow, log, web"},
		{HOSTILE("insecure: yes\n"), "sluice.yaml:1: insecure", "true or false"},
		{HOSTILE("insecure: true\ninsecure: true\n"), "sluice.yaml:2: insecure", "twice"},
		{HOSTILE("limits:\n  max_routes: 2097152\n"), "sluice.yaml:2: limits.max_routes", "1 to 2097151"},
		{HOSTILE("limits: {profile: huge}\n"), "sluice.yaml:1: limits.profile", "small internet most"},
		{HOSTILE("limits: {max_next_hops: 65537}\n"), "sluice.yaml:1: limits.max_next_hops", "1 to 65536"},
		{HOSTILE("limits: {max_next_hops: 0}\n"), "sluice.yaml:1: limits.max_next_hops", "1 to 65536"},
		{HOSTILE("limits: {max_next_hop: 1}\n"), "sluice.yaml:1: limits.max_next_hop",
		 "did you mean max_next_hops?"},
		{HOSTILE("limits: {max_fib_words: 8388609}\n"), "sluice.yaml:1: limits.max_fib_words", "1 to 8388608"},
		{HOSTILE("limits: 5\n"), "sluice.yaml:1: limits", "a mapping"},
		{HOSTILE("sflow: {collectors: [192.0.2.1, host]}\n"), "sluice.yaml:1: sflow.collectors",
		 "an IP address is expected"},
		{HOSTILE("sflow:\n  collectors: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4, 1.1.1.5]\n"),
		 "sluice.yaml:2: sflow.collectors", "at most 4"},
		{HOSTILE("sampling: 0\n"), "sluice.yaml:1: sampling", "1 to 1000000"},
		{HOSTILE("sflow: {header_bytes: 64}\n"), "sluice.yaml:1: sflow.header_bytes", "needs sflow.collectors"},
		{HOSTILE("sflow:\n  polling_seconds: 0\n"), "sluice.yaml:2: sflow.polling_seconds",
		 "needs sflow.collectors"},
		{HOSTILE("sflow: {polling_seconds: 3601}\n"), "sluice.yaml:1: sflow.polling_seconds", "0 to 3600"},
		{HOSTILE("sflow: {agent_address: up0}\n"), "sluice.yaml:1: sflow.agent_address", "192.0.2.1"},
		{HOSTILE("sflow: {header_bytes: 63}\n"), "sluice.yaml:1: sflow.header_bytes", "64 to 1024"},
		{HOSTILE("sflow: {tunnels: no}\n"), "sluice.yaml:1: sflow.tunnels", "true or false"},
		{HOSTILE("log: {level: [info]}\n"), "sluice.yaml:1: log.level", "a single value"},
		{HOSTILE("log: {level: loud}\n"), "sluice.yaml:1: log.level", "error warning info debug"},
		{HOSTILE("log: {format: xml}\n"), "sluice.yaml:1: log.format", "text json"},
		{HOSTILE("access_policy: access.yaml\n"), "sluice.yaml:1: access_policy", "absolute path"},
		{HOSTILE("management: {interface: a/b}\n"), "sluice.yaml:1: management.interface", "network device"},
		{HOSTILE("management: {interface: \"\"}\n"), "sluice.yaml:1: management.interface", "network device"},
		{HOSTILE("dataplane: {flow_salt: 0}\n"), "sluice.yaml:1: dataplane.flow_salt", "1 to 2^64"},
		{HOSTILE("dataplane: {flow_salt: 0x10000000000000000}\n"), "sluice.yaml:1: dataplane.flow_salt",
		 "1 to 2^64"},
		{HOSTILE("dataplane: {flow_salt: x}\n"), "sluice.yaml:1: dataplane.flow_salt", "1 to 2^64"},
		{HOSTILE("dataplane: {namespace: a/b}\n"), "sluice.yaml:1: dataplane.namespace", "/run/netns"},
		{HOSTILE("tls: {certificate: c.pem, key: /k}\n"), "sluice.yaml:1: tls.certificate", "absolute path"},
		{HOSTILE("tls: {certificate: /c}\n"), "sluice.yaml:1: tls.certificate", "needs tls.key"},
		{HOSTILE("tls: {key: /k}\n"), "sluice.yaml:1: tls.key", "needs tls.certificate"},
		{HOSTILE("\n\ntls: {client_ca: /k}\n"), "sluice.yaml:3: tls.client_ca", "over TLS"},
		{HOSTILE("insecure: true\ntls: {certificate: /c, key: /k}\n"), "sluice.yaml:1: insecure", "or tls"},
		{HOSTILE("listen:\n  - unix:/a\n  - 0.0.0.0:1\n"), "sluice.yaml:3: listen[1]",
		 "not a loopback address"},
		{HOSTILE("web:\n  listen:\n    - 9111\n    - 0.0.0.0:9111\n"), "sluice.yaml:4: web.listen[1]",
		 "allow it with insecure"},
		{HOSTILE("web: {listen: \"192.0.2.1:1\"}\naccess_policy: /a\ninsecure: true\n"),
		 "sluice.yaml:1: web.listen[0]", "set tls.client_ca"},
		{HOSTILE("web: {listen: 65536}\n"), "sluice.yaml:1: web.listen[0]", "a port for loopback"},
		{HOSTILE("web: {listen: \"unix:/a\"}\n"), "sluice.yaml:1: web.listen[0]", "a port for loopback"},
		{HOSTILE("web: {port: 1}\n"), "sluice.yaml:1: web.port", "there are listen"},
		{HOSTILE("listen: nonsense\n"), "sluice.yaml:1: listen[0]", "unix:/path"},
		{HOSTILE("listen: [unix:/a, {b: c}]\n"), "sluice.yaml:1: listen", "a single value"},
		{HOSTILE("listen: [a, a, a, a, a, a, a, a, unix:/a]\n"), "sluice.yaml:1: listen", "at most 8"},
		{HOSTILE("listen: \"unix:/a\\0b\"\n"), "sluice.yaml:1: listen", "NUL"},
		{HOSTILE("- a\n"), "sluice.yaml:1", "a mapping"},
		{HOSTILE("{[a]: b}\n"), "sluice.yaml:1", "there is no such key"},
		{HOSTILE("log: {level: &x info}\n"), "sluice.yaml:1", "anchors"},
		{HOSTILE("log: {level\n"), "sluice.yaml:", "not YAML"},
		{HOSTILE("\xff\n"), "sluice.yaml:1", "not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct settings settings = {0};
		struct error error;

		assert_int_equal(read_text(&settings, cases[i].text, cases[i].size, &error), -1);
		if (!strstr(error.fault[0].field, cases[i].field) || !strstr(error.fault[0].message, cases[i].says))
			fail_msg("%s: %s: %s", cases[i].text, error.fault[0].field, error.fault[0].message);
		settings_free(&settings);
	}
}

static void all_mistakes_at_once(void **state)
{
	static const char text[] = "lisen: a\nlimits: {max_routes: 0}\nlog: {levl: info, format: xml}\n";
	struct settings settings = {0};
	struct error error;

	(void)state;
	assert_int_equal(read_text(&settings, text, strlen(text), &error), -1);
	assert_int_equal(error.count, 4);
	settings_free(&settings);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key),
		cmocka_unit_test(sflow_has_defaults),
		cmocka_unit_test(nothing_is_the_defaults),
		cmocka_unit_test(the_command_line_wins),
		cmocka_unit_test(each_mistake),
		cmocka_unit_test(all_mistakes_at_once),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}

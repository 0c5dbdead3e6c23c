/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/options.h"

static char said[4096]; /* on stdout and stderr by the last parse() */

static enum options_result parse(struct options *options, const char *words)
{
	static char line[256]; /* the options go on pointing there, as main's do into its own */
	char *argv[32] = {"sluiced"}, *rest = line;
	int argc = 1, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	FILE *file = tmpfile();
	enum options_result result;

	snprintf(line, sizeof(line), "%s", words);
	while ((argv[argc] = strsep(&rest, " ")))
		argc += argv[argc][0] != '\0';
	argv[argc] = NULL;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	result = options_parse(options, argc, argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	said[pread(fileno(file), said, sizeof(said) - 1, 0)] = '\0';
	fclose(file);
	return result;
}

static void defaults(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, ""), OPTIONS_RUN);
	assert_string_equal(options.settings.listen[0], SETTINGS_DEFAULT_LISTEN);
	assert_null(options.settings.listen[1]);
	assert_false(options.settings.insecure);
	assert_int_equal(options.settings.log_level, LOG_LEVEL_INFO);
	assert_string_equal(options.settings.limits_profile, "small");
	assert_int_equal(options.settings.limits.routes, 131072);
	assert_int_equal(options.settings.limits.fib_words, 1 << 19);
	options_free(&options);
}

static void all_given(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(
		parse(&options,
		      "-l unix:/a --listen [::1]:1 --insecure --limits internet --max-routes 7 --log-level debug "
		      "--log-format json --web 9111 --web [::1]:9112 --relayed /r --loader /l -n"),
		OPTIONS_RUN);
	assert_string_equal(options.settings.listen[0], "unix:/a");
	assert_string_equal(options.settings.listen[1], "[::1]:1");
	assert_null(options.settings.listen[2]);
	assert_true(options.settings.insecure && options.check_only);
	assert_string_equal(options.settings.web_listen[0], "9111");
	assert_string_equal(options.settings.web_listen[1], "[::1]:9112");
	assert_null(options.settings.web_listen[2]);
	assert_string_equal(options.relayed, "/r");
	assert_string_equal(options.loader, "/l");
	assert_null(options.relay);
	assert_false(options.load);
	assert_int_equal(options.settings.limits.routes, 7);
	assert_int_equal(options.settings.limits.next_hops, 16384);
	assert_int_equal(options.settings.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(options.settings.log_format, LOG_FORMAT_JSON);
	options_free(&options);
}

static void mistakes_name_the_remedy(void **state)
{
	static const struct {
		const char *words, *says;
	} cases[] = {
		{"--max-routes 0", "from 1 to 2097151"},
		{"--max-routes 2097152", "from 1 to 2097151"},
		{"--max-routes -1", "from 1 to 2097151"},
		{"--max-routes 5x", "from 1 to 2097151"},
		{"--limits tiny", "small internet most"},
		{"--log-level loud", "error warning info debug"},
		{"--log-format xml", "text json"},
		{"--nonsense", "--help"},
		{"-l 192.0.2.1:1", "--insecure"},
		{"-l nonsense", "unix:/path"},
		{"-c /nonexistent", "/nonexistent: No such file"},
		{"--relay grpc.sock", "absolute path"},
		{"--relayed grpc.sock", "absolute path"},
		{"--relay /a --relayed /b", "leave --relayed"},
		{"--relay /a -n", "leave --relayed"},
		{"--relay /a --load", "processes of their own"},
		{"--load --loader /a", "leave --relayed, --loader"},
		{"--load --relayed /a", "leave --relayed"},
		{"--load -n", "and --check out"},
		{"--loader loader.sock", "absolute path"},
		{"--web 0", "a port for loopback"},
		{"--web 192.0.2.1:1", "--insecure"},
		{"extra", "unexpected argument 'extra'"},
		{"-l a -l a -l a -l a -l a -l a -l a -l a -l a", "at most 8"},
	};
	struct options options;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(parse(&options, cases[i].words), OPTIONS_WRONG);
		assert_non_null(strstr(said, cases[i].says));
		options_free(&options);
	}
}

static void help_and_version(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, "--help"), OPTIONS_DONE);
	assert_non_null(strstr(said, "--listen"));
	assert_int_equal(parse(&options, "-V"), OPTIONS_DONE);
	assert_string_equal(said, "sluiced " SLUICE_VERSION "\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all_given),
		cmocka_unit_test(mistakes_name_the_remedy),
		cmocka_unit_test(help_and_version),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}

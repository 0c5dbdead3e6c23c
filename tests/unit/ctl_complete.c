/* SPDX-License-Identifier: Apache-2.0 */
/* Completion: every command, option and kind that the programs know is offered, and keys come from the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/ctl_fixture.h"
#include "vnf/ctl/kind.h"

/* Is the word a line of the output? */
static bool offered(const char *word)
{
	size_t length = strlen(word);

	for (const char *line = output; *line; line += strcspn(line, "\n") + 1)
		if (strncmp(line, word, length) == 0 && line[length] == '\n')
			return true;
	return false;
}

static void expect_offered(const char *program, const char *line, const char *word)
{
	char command[400];

	snprintf(command, sizeof(command), "%s __complete %s", program, line);
	assert_int_equal(shell(command), 0);
	if (!offered(word))
		fail_msg("%s: \"%s\" is not in:\n%s", command, word, output);
}

/* Every option of a synopsis, "-f FILE... [-y] [--dry-run]", is offered for its command. */
static void expect_options(const char *program, const char *command, const char *synopsis)
{
	static const struct {
		char letter;
		const char *name;
	} letters[] = {{'f', "--file"}, {'y', "--yes"}, {'o', "--output"}, {'a', "--all"}};
	char line[80], option[40];

	assert_true(snprintf(line, sizeof(line), "%s -", command) < (int)sizeof(line));
	for (const char *dash = strchr(synopsis, '-'); dash; dash = strchr(dash + strlen(option), '-')) {
		snprintf(option, sizeof(option), "%.*s", (int)strspn(dash, "-abcdefghijklmnopqrstuvwxyz"), dash);
		if (dash > synopsis && dash[-1] != ' ' && dash[-1] != '[')
			continue;
		for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
			if (option[1] != letters[i].letter || option[2])
				continue;
			expect_offered(program, line, letters[i].name);
			break;
		}
		if (option[1] == '-')
			expect_offered(program, line, option);
	}
}

/* The lines of the usage are the commands with their options: each completes. */
static void expect_commands(const char *program, unsigned int least)
{
	char usage[8192], command[400], *line = usage;
	unsigned int count = 0;

	snprintf(command, sizeof(command), "%s help", program);
	assert_int_equal(shell(command), 0);
	snprintf(usage, sizeof(usage), "%s", strstr(output, "\n\n") + 2);
	for (char *end; (end = strchr(line, '\n')) && end > line; line = end + 1) {
		char name[32], subcommand[32] = "", words[80];

		*end = '\0';
		assert_true(sscanf(line, " %31s %31s", name, subcommand) >= 1);
		expect_offered(program, "''", name);
		snprintf(words, sizeof(words), "%s", name);
		if (strcmp(name, "tx") == 0) {
			expect_offered(program, "tx ''", subcommand);
			snprintf(words, sizeof(words), "tx %s", subcommand);
		}
		expect_options(program, words, line);
		count++;
	}
	assert_true(count >= least);
}

static void every_command_and_option_is_offered(void **state)
{
	(void)state;
	expect_commands(SLUICECTL, 14);
	expect_commands(SLUICE_ORCH, 10);
	expect_offered(SLUICECTL, "app", "apply");
	expect_offered(SLUICECTL, "help a", "apply");
	expect_offered(SLUICECTL, "--tl", "--tls-cert");
	expect_offered(SLUICECTL, "--owner me tx ''", "stage");
}

static void every_kind_is_offered(void **state)
{
	(void)state;
	for (unsigned int i = 0; kind_at(i); i++) {
		expect_offered(SLUICECTL, "show ''", kind_at(i)->name);
		expect_offered(SLUICECTL, "delete ''", kind_at(i)->name);
	}
	expect_offered(SLUICECTL, "show ''", "all");
	expect_offered(SLUICECTL, "show ''", "drops");
}

static void values_are_offered(void **state)
{
	static const char *const files[] = {"apply -f ''", "apply --file=''", "--tls-ca ''", "load ''"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		expect_offered(SLUICECTL, files[i], ":files");
	expect_offered(SLUICE_ORCH, "up -f ''", ":files");
	expect_offered(SLUICECTL, "show vrf -o ''", "wide");
	expect_offered(SLUICECTL, "show vrf --output=y", "yaml");
	expect_offered(SLUICE_ORCH, "status -o ''", "json");
	expect_offered(SLUICECTL, "preflight ''", "lo");
}

static void keys_come_from_the_server(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("apply -f lab.yaml", 0, "created");
	expect_offered(SLUICECTL, "show route tenant", "tenant-a/2001:db8::/32");
	expect_offered(SLUICECTL, "delete routes ''", "tenant-a/10.1.0.0/16");
	expect_offered(SLUICECTL, "load x --vrf ''", "tenant-a");
	expect_offered(SLUICECTL, "load x --next-hop-group=a", "api");
	expect("__complete --server unix:nobody show vrf ''", 0, "error: ");
}

/* The shell's half, with the line as bash gives it. */
static void bash_completes(const char *line, const char *words)
{
	char command[600];

	snprintf(command, sizeof(command),
		 "PATH=$(dirname %s):$PATH; . %s; COMP_LINE='%s'; COMP_POINT=${#COMP_LINE}; "
		 "COMP_WORDBREAKS=$' \\t\\n=:'; _sluice; echo \"${COMPREPLY[*]}\"",
		 SLUICECTL, COMPLETION, line);
	assert_int_equal(shell(command), 0);
	if (strcmp(output, words) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", line, output, words);
}

static void bash_asks_the_program(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("apply -f lab.yaml", 0, "created");
	bash_completes("sluicectl tx ", "begin stage validate commit abort\n");
	bash_completes("sluicectl apply --pr", "--prune\n");
	bash_completes("sluicectl apply -f la", "lab.yaml\n");
	bash_completes("sluicectl apply --file=la", "lab.yaml\n");
	bash_completes("sluicectl show vrf ", "tenant-a\n");
	/* readline replaces what follows the last colon */
	bash_completes("sluicectl show route tenant-a/2001:d", "db8::/32\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_command_and_option_is_offered, start, stop),
		cmocka_unit_test_setup_teardown(every_kind_is_offered, start, stop),
		cmocka_unit_test_setup_teardown(values_are_offered, start, stop),
		cmocka_unit_test_setup_teardown(keys_come_from_the_server, start, stop),
		cmocka_unit_test_setup_teardown(bash_asks_the_program, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

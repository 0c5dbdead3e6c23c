/* SPDX-License-Identifier: Apache-2.0 */
/* sluice-orch: spins up Sluice VNFs in network namespaces or on libvirt, and keeps them up. */
#include <stdio.h>
#include <string.h>

#include "orchestration/commands.h"
#include "vnf/core/distance.h"

struct command {
	const char *name;
	int least, most; /* arguments */
	unsigned int takes;
	int (*run)(const struct options *options, char **arguments); /* NULL: answered here */
	const char *usage;
	const char *help; /* what it does, and an example */
};

static const struct command commands[] = {
	{"check", 0, 0, TAKES_SPEC, command_check, "-f SPEC",
	 "Reads the spec, tells everything that is wrong with it, or that this machine lacks for it, and changes\n"
	 "nothing.\n\nExample: sluice-orch check -f edge.yaml"},
	{"up", 0, 0, TAKES_SPEC, command_up, "-f SPEC",
	 "Makes the VNF what the spec says: replicas that are ready stay, those that lack are made, those that are "
	 "too\n"
	 "many go. Ready is: gRPC serves, day 0 is applied, every stage is up. A failure takes back what it made.\n\n"
	 "Example: sluice-orch up -f edge.yaml"},
	{"status", 0, 1, TAKES_SPEC | TAKES_OUTPUT | TAKES_CONNECT, command_status,
	 "[NAME | -f SPEC] [-o table|json] [--connect URI]",
	 "Shows the instances of a VNF, or of all. Exit code 0: all are ready, 1: some are not.\n\n"
	 "Example: sluice-orch status edge"},
	{"scale", 1, 1, TAKES_SPEC, command_scale, "N -f SPEC",
	 "Brings the VNF to N replicas, 1 to 32, as up does.\n\nExample: sluice-orch scale 3 -f edge.yaml"},
	{"heal", 0, 0, TAKES_SPEC | TAKES_ONCE, command_heal, "-f SPEC [--once]",
	 "Watches the VNF until it is interrupted: what ends is started again, with longer and longer pauses while "
	 "that\n"
	 "fails, and gets the configuration back that it had.\n"
	 "  --once   ends as soon as all is well\n\nExample: sluice-orch heal -f edge.yaml"},
	{"upgrade", 0, 0, TAKES_SPEC | TAKES_IMAGE, command_upgrade, "-f SPEC --image NEW",
	 "Replaces the instances one after the other: the new one starts, gets the old one's configuration, then its\n"
	 "networks; then the old one ends. What fails before that leaves the old one as it was.\n\n"
	 "Example: sluice-orch upgrade -f edge.yaml --image sluice-2.qcow2"},
	{"down", 0, 1, TAKES_SPEC | TAKES_CONNECT, command_down, "NAME | -f SPEC [--connect URI]",
	 "Takes away everything of a VNF, whoever started it and however far that came.\n\n"
	 "Example: sluice-orch down edge"},
	{"xml", 0, 0, TAKES_SPEC | TAKES_REPLICA, command_xml, "-f SPEC [--replica N]",
	 "Prints the domain's XML and starts nothing.\n\nExample: sluice-orch xml -f edge.yaml --replica 1"},
	{"version", 0, 0, 0, NULL, "", "Prints the version of sluice-orch.\n\nExample: sluice-orch version"},
	{"help", 0, 1, 0, NULL, "[COMMAND]", "Prints this, or help on a command.\n\nExample: sluice-orch help up"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_synopsis(FILE *stream, const char *lead, const struct command *command)
{
	fprintf(stream, "%s%s%s%s\n", lead, command->name, *command->usage ? " " : "", command->usage);
}

static void print_usage(FILE *stream)
{
	fprintf(stream, "usage: sluice-orch [OPTION...] COMMAND ...\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		print_synopsis(stream, "  ", &commands[i]);
	fprintf(stream, "\n"
			"  -f, --file SPEC    what the VNF shall be, in YAML\n"
			"  -n, --check        with -f alone: as the command check\n"
			"      --connect URI  libvirt's, default qemu:///system\n"
			"  -h, --help         help on a command, with an example\n\n"
			"Exit codes: 0 done, 1 not ready (status), 2 error. See sluice-orch(1).\n");
}

static void print_help(const struct command *command)
{
	print_synopsis(stdout, "usage: sluice-orch ", command);
	printf("\n%s\n", command->help);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

static int unknown_command(const char *name)
{
	struct word_guess guess = {0};

	for (size_t i = 0; i < COMMANDS; i++)
		word_guess(&guess, commands[i].name, word_distance(name, commands[i].name));
	fprintf(stderr, "error: unknown command \"%s\"%s%s%s; see sluice-orch help\n", name,
		guess.word ? "; did you mean " : "", guess.word ? guess.word : "", guess.word ? "?" : "");
	return FAILED;
}

static int answer_here(const struct command *command, char **arguments, int count)
{
	const struct command *about = count ? find_command(arguments[0]) : NULL;

	if (strcmp(command->name, "version") == 0)
		puts("sluice-orch " SLUICE_VERSION);
	else if (count && !about)
		return unknown_command(arguments[0]);
	else if (about)
		print_help(about);
	else
		print_usage(stdout);
	return DONE;
}

static int run(const struct options *options)
{
	const struct command *command;
	int count = options->argument_count - 1;

	if (count < 0 && options->check && options->spec)
		return command_check(options, options->arguments);
	if (count < 0) {
		print_usage(options->help ? stdout : stderr);
		return options->help ? DONE : FAILED;
	}
	command = find_command(options->arguments[0]);
	if (!command)
		return unknown_command(options->arguments[0]);
	if (options->help) {
		print_help(command);
		return DONE;
	}
	if (count < command->least || count > command->most) {
		print_synopsis(stderr, "usage: sluice-orch ", command);
		return FAILED;
	}
	if (options_check(options, command->takes, command->name))
		return FAILED;
	if (!command->run)
		return answer_here(command, options->arguments + 1, count);
	return options->check ? command_check(options, options->arguments + 1)
			      : command->run(options, options->arguments + 1);
}

int main(int argc, char **argv)
{
	struct options options;
	int rc = options_parse(&options, argc, argv) ? FAILED : run(&options);

	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "error: cannot write the output\n");
		return rc ? rc : FAILED;
	}
	return rc;
}

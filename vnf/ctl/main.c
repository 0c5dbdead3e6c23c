/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl: programs and watches a Sluice router over gRPC. */
#include <stdio.h>
#include <string.h>

#include "vnf/core/distance.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/kind.h"

struct command {
	const char *name;
	const char *subcommand; /* NULL: none */
	int least, most;	/* arguments */
	unsigned int takes;
	int (*run)(struct session *session, char **arguments); /* NULL: answered without a server */
	const char *usage;
	const char *help; /* what it does, and an example */
};

static const struct command commands[] = {
	{"apply", NULL, 0, 0, TAKES_FILES | TAKES_YES | TAKES_DRY_RUN | TAKES_REVISION | TAKES_PRUNE, command_apply,
	 "-f FILE... [-y] [--dry-run] [--expected-revision N] [--prune]",
	 "Shows what the files would change, asks where there is a terminal, and applies them in one commit.\n"
	 "  -f FILE                 YAML; - is the standard input; may be repeated\n"
	 "  -y, --yes               do not ask\n"
	 "  --dry-run               only show\n"
	 "  --expected-revision N   refuse unless the router is at this revision\n"
	 "  --prune                 delete what the owner has in the router and the files do not name\n\n"
	 "Example: sluicectl apply -f tenant-a.yaml -f routes.yaml"},
	{"diff", NULL, 0, 0, TAKES_FILES | TAKES_REVISION | TAKES_PRUNE, command_diff,
	 "-f FILE... [--expected-revision N] [--prune]",
	 "Shows what the files would change. Exit code 0: nothing, 1: something, 2: trouble.\n\n"
	 "Example: sluicectl diff -f tenant-a.yaml"},
	{"show", NULL, 1, 2, TAKES_OUTPUT | TAKES_VRF | TAKES_ALL, command_show,
	 "KIND [KEY] [-o table|wide|yaml|json] [--vrf VRF] [-a]",
	 "KIND is a kind of resource, in the singular or plural, or one of\n"
	 "  all        every resource\n"
	 "  counters   verdicts of packets: forwarded, punted to the kernel, dropped\n"
	 "  drops      only the dropped ones, by reason (-a: also reasons that never occurred)\n"
	 "  ports      devices that the dataplane is attached to\n"
	 "  limits     sizes of the tables\n"
	 "KEY is a name, or VRF/PREFIX for a route. What -o yaml prints can be applied again.\n\n"
	 "Example: sluicectl show routes --vrf tenant-a"},
	{"delete", NULL, 2, 2, TAKES_YES | TAKES_DRY_RUN | TAKES_REVISION, command_delete,
	 "KIND KEY [-y] [--dry-run] [--expected-revision N]",
	 "Deletes one resource; one that is not there is fine.\n\n"
	 "Example: sluicectl delete route tenant-a/10.9.0.0/16"},
	{"load", NULL, 1, 1, TAKES_VRF | TAKES_GROUP | TAKES_REVISION, command_load,
	 "FILE [--vrf VRF] [--next-hop-group GROUP] [--expected-revision N]",
	 "Stages a table of any size in one transaction, with progress, and commits it. FILE is YAML as apply takes "
	 "it, or "
	 "a\nlist with PREFIX or PREFIX GROUP on each line (# begins a comment); - is the standard input, gzip is "
	 "recognised.\n"
	 "  --vrf VRF               of a list's routes\n"
	 "  --next-hop-group GROUP  of a list's lines that name none\n"
	 "  --expected-revision N   refuse unless the router is at this revision\n\n"
	 "Example: sluicectl load table.txt.gz --vrf internet --next-hop-group transit"},
	{"tx", "begin", 0, 0, TAKES_REVISION | TAKES_IDLE, command_tx_begin, "[--idle SECONDS] [--expected-revision N]",
	 "Opens a transaction and prints its id. It expires when it is not touched for its idle time.\n\n"
	 "Example: id=$(sluicectl tx begin --idle 300)"},
	{"tx", "stage", 1, 1, TAKES_FILES, command_tx_stage, "ID -f FILE...",
	 "Adds the changes of the files to a transaction.\n\nExample: sluicectl tx stage $id -f routes.yaml"},
	{"tx", "validate", 1, 1, 0, command_tx_validate, "ID",
	 "Shows what a commit would change.\n\nExample: sluicectl tx validate $id"},
	{"tx", "commit", 1, 1, TAKES_REVISION, command_tx_commit, "ID [--expected-revision N]",
	 "Commits what was staged, all of it or nothing.\n\nExample: sluicectl tx commit $id"},
	{"tx", "abort", 1, 1, 0, command_tx_abort, "ID", "Forgets a transaction.\n\nExample: sluicectl tx abort $id"},
	{"status", NULL, 0, 0, TAKES_OUTPUT, command_status, "[-o table|json]",
	 "Version, revision, ports with their XDP mode, limits in use, open transactions.\n\n"
	 "Example: sluicectl status -o json"},
	{"preflight", NULL, 0, 64, TAKES_OUTPUT, command_preflight, "[DEVICE...] [-o table|json]",
	 "What keeps the router from its best on this machine: kernel, clock, memory, and for each device, or for "
	 "those "
	 "that\nare named, the XDP mode that it can have, queues and offloads. Each finding comes with its remedy. "
	 "Exit "
	 "code 1:\nsomething does not work.\n\nExample: sluicectl preflight eth1 eth2"},
	{"version", NULL, 0, 0, 0, NULL, "", "Prints the version of sluicectl.\n\nExample: sluicectl version"},
	{"help", NULL, 0, 2, 0, NULL, "[COMMAND]",
	 "Prints this, or help on a command.\n\nExample: sluicectl help apply"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The command with its arguments, on a line of its own. */
static void print_synopsis(FILE *stream, const char *lead, const struct command *command)
{
	fprintf(stream, "%s%s%s%s%s%s\n", lead, command->name, command->subcommand ? " " : "",
		command->subcommand ? command->subcommand : "", *command->usage ? " " : "", command->usage);
}

static void print_usage(FILE *stream)
{
	fprintf(stream, "usage: sluicectl [OPTION...] COMMAND ...\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		print_synopsis(stream, "  ", &commands[i]);
	fprintf(stream,
		"\n"
		"  --server ADDRESS   default $SLUICE_SERVER, or " DEFAULT_SERVER "\n"
		"  --tls-ca FILE      over TLS: who signs the server's certificate; default $SLUICE_TLS_CA\n"
		"  --tls-cert FILE    the client's own certificate; default $SLUICE_TLS_CERT\n"
		"  --tls-key FILE     and its key; default $SLUICE_TLS_KEY\n"
		"  --owner NAME       who writes; default $SLUICE_OWNER, or " DEFAULT_OWNER "\n"
		"  --timeout SECONDS  of one call, default 60\n"
		"  --no-color         plain text also on a terminal (so does $NO_COLOR)\n"
		"  -h, --help         help on a command, with an example\n\n"
		"Exit codes: 0 done, 1 differences (diff), not confirmed (apply) or an error found (preflight), 2 "
		"error,\n"
		"3 try again: no answer, or the router's state moved on. See sluicectl(1) and sluice-yaml(5).\n");
}

static void print_help(const struct command *command)
{
	print_synopsis(stdout, "usage: sluicectl ", command);
	printf("\n%s\n", command->help);
	if (command->run != command_show && command->run != command_delete)
		return;
	printf("\nKinds:");
	for (unsigned int i = 0; kind_at(i); i++)
		printf(" %s", kind_at(i)->name);
	putchar('\n');
}

/* NULL: no such command. */
static const struct command *find_command(char **words, int count)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(words[0], commands[i].name) != 0)
			continue;
		if (!commands[i].subcommand || (count > 1 && strcmp(words[1], commands[i].subcommand) == 0))
			return &commands[i];
	}
	return NULL;
}

static int unknown_command(char **words, int count)
{
	struct word_guess guess = {0};

	for (size_t i = 0; i < COMMANDS; i++) {
		unsigned int distance = word_distance(words[0], commands[i].name);

		if (distance == 0 && commands[i].subcommand)
			print_synopsis(stderr, "usage: sluicectl ", &commands[i]);
		word_guess(&guess, commands[i].name, distance);
	}
	if (guess.word && guess.distance == 0)
		fprintf(stderr, "error: %s what? \"%s\" is none of these\n", words[0], count > 1 ? words[1] : "");
	else
		fprintf(stderr, "error: unknown command \"%s\"%s%s%s; see sluicectl help\n", words[0],
			guess.word ? "; did you mean " : "", guess.word ? guess.word : "", guess.word ? "?" : "");
	return FAILED;
}

/* Help on "tx" alone is help on all of its commands. */
static bool print_group(const char *name)
{
	bool found = false;

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!commands[i].subcommand || strcmp(commands[i].name, name) != 0)
			continue;
		if (found)
			putchar('\n');
		print_help(&commands[i]);
		found = true;
	}
	return found;
}

static int answer_locally(const struct command *command, char **arguments, int count)
{
	const struct command *about = count ? find_command(arguments, count) : NULL;

	if (strcmp(command->name, "version") == 0)
		printf("sluicectl %s\n", SLUICE_VERSION);
	else if (count && !about)
		return count == 1 && print_group(arguments[0]) ? DONE : unknown_command(arguments, count);
	else if (about)
		print_help(about);
	else
		print_usage(stdout);
	return DONE;
}

static int run(const struct options *options)
{
	struct session session = {.options = options};
	const struct command *command;
	int words, count, rc;

	if (options->argument_count == 0) {
		print_usage(options->help ? stdout : stderr);
		return options->help ? DONE : FAILED;
	}
	command = find_command(options->arguments, options->argument_count);
	if (!command && options->help && options->argument_count == 1 && print_group(options->arguments[0]))
		return DONE;
	if (!command)
		return unknown_command(options->arguments, options->argument_count);
	if (options->help) {
		print_help(command);
		return DONE;
	}
	words = command->subcommand ? 2 : 1;
	count = options->argument_count - words;
	if (count < command->least || count > command->most) {
		print_synopsis(stderr, "usage: sluicectl ", command);
		return FAILED;
	}
	if (options_check(options, command->takes, command->name))
		return FAILED;
	if (!command->run)
		return answer_locally(command, options->arguments + words, count);
	rc = command->run(&session, options->arguments + words);
	session_end(&session);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "error: cannot write the output\n");
		return rc ? rc : FAILED;
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct options options;
	int rc = FAILED;

	if (options_parse(&options, argc, argv) == 0)
		rc = run(&options);
	options_free(&options);
	return rc;
}

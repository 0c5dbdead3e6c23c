/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "vnf/core/distance.h"

#define OPTIONS	   64  /* that a program has at most */
#define LONG_FIRST 256 /* getopt's number of the first option; letters are below */

/* getopt's own tables, with --help and --version behind the program's options. */
struct getopt_tables {
	struct option options[OPTIONS + 3];
	char letters[3 * OPTIONS + 3];
};

static void fill_tables(struct getopt_tables *tables, const struct cli_option *options)
{
	char *letter = tables->letters;
	size_t i = 0;

	for (; options[i].name && i < OPTIONS; i++) {
		bool value = options[i].value;

		tables->options[i] = (struct option){options[i].name, value ? required_argument : no_argument, NULL,
						     LONG_FIRST + (int)i};
		if (options[i].letter)
			*letter++ = options[i].letter;
		if (options[i].letter && value)
			*letter++ = ':';
	}
	tables->options[i++] = (struct option){"help", no_argument, NULL, 'h'};
	tables->options[i++] = (struct option){"version", no_argument, NULL, 'V'};
	tables->options[i] = (struct option){0};
	strcpy(letter, "hV");
}

static const struct cli_option *find_option(const struct cli_option *options, int found)
{
	if (found >= LONG_FIRST)
		return &options[found - LONG_FIRST];
	for (; options->name; options++)
		if (options->letter == found)
			return options;
	return NULL;
}

int cli_set_text(void *place, const char *value)
{
	*(const char **)place = value;
	return 0;
}

int cli_set_flag(void *place, const char *value)
{
	(void)value;
	*(bool *)place = true;
	return 0;
}

int cli_parse(const struct cli *cli, struct cli_line *line, int argc, char **argv, void *options)
{
	struct getopt_tables tables;
	int found;

	*line = (struct cli_line){0};
	fill_tables(&tables, cli->options);
	while ((found = getopt_long(argc, argv, tables.letters, tables.options, NULL)) != -1) {
		const struct cli_option *option = find_option(cli->options, found);

		if (found == 'h')
			line->help = true;
		else if (found == 'V')
			line->version = true;
		else if (!option ||
			 option->set((char *)options + option->offset, optarg)) /* getopt, or set, has said why */
			return -1;
		else
			line->given |= UINT64_C(1) << (option - cli->options);
	}
	line->arguments = argv + optind;
	line->count = argc - optind;
	return 0;
}

/* Prints the command with its arguments on a line of its own. */
static void print_synopsis(FILE *stream, const char *lead, const struct cli *cli, const struct cli_command *command)
{
	fprintf(stream, "%s%s%s%s%s%s%s%s\n", lead, cli ? cli->program : "", cli ? " " : "", command->name,
		command->subcommand ? " " : "", command->subcommand ? command->subcommand : "",
		*command->usage ? " " : "", command->usage);
}

static void print_option(FILE *stream, const struct cli_option *option)
{
	char text[64];

	snprintf(text, sizeof(text), "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
		 option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
		 option->value ? " " : "", option->value ? option->value : "");
	fprintf(stream, "  %-22s %s\n", text, option->help);
}

static void print_usage(const struct cli *cli, FILE *stream)
{
	static const struct cli_option help = {
		.name = "help", .letter = 'h', .help = "help on a command, with an example"};

	fprintf(stream, "usage: %s [OPTION...] COMMAND ...\n\n", cli->program);
	for (const struct cli_command *command = cli->commands; command->name; command++)
		print_synopsis(stream, "  ", NULL, command);
	putc('\n', stream);
	for (const struct cli_option *option = cli->options; option->name; option++)
		if (option->help)
			print_option(stream, option);
	print_option(stream, &help);
	fprintf(stream, "\n%s", cli->exit_codes);
}

int cli_wrong_use(const struct cli *cli)
{
	print_usage(cli, stderr);
	return CLI_FAILED;
}

static void print_help(const struct cli *cli, const struct cli_command *command)
{
	print_synopsis(stdout, "usage: ", cli, command);
	printf("\n%s\n", command->help);
	if (command->more_help)
		command->more_help();
}

const struct cli_command *cli_find(const struct cli *cli, char *const *words, int count)
{
	for (const struct cli_command *command = cli->commands; command->name; command++) {
		if (strcmp(words[0], command->name) != 0)
			continue;
		if (!command->subcommand || (count > 1 && strcmp(words[1], command->subcommand) == 0))
			return command;
	}
	return NULL;
}

static int unknown_command(const struct cli *cli, char *const *words, int count)
{
	struct word_guess guess = {0};

	for (const struct cli_command *command = cli->commands; command->name; command++) {
		unsigned int distance = word_distance(words[0], command->name);

		if (distance == 0 && command->subcommand)
			print_synopsis(stderr, "usage: ", cli, command);
		word_guess(&guess, command->name, distance);
	}
	if (guess.word && guess.distance == 0)
		fprintf(stderr, "error: %s needs one of these commands: \"%s\" is none\n", words[0],
			count > 1 ? words[1] : "");
	else
		fprintf(stderr, "error: unknown command \"%s\"%s%s%s; see %s help\n", words[0],
			guess.word ? "; did you mean " : "", guess.word ? guess.word : "", guess.word ? "?" : "",
			cli->program);
	return CLI_FAILED;
}

/* Prints help on all commands of a group, such as "tx". */
static bool print_group(const struct cli *cli, const char *name)
{
	bool found = false;

	for (const struct cli_command *command = cli->commands; command->name; command++) {
		if (!command->subcommand || strcmp(command->name, name) != 0)
			continue;
		if (found)
			putchar('\n');
		print_help(cli, command);
		found = true;
	}
	return found;
}

/* Answers version and help. */
static int answer(const struct cli *cli, const struct cli_command *command, char *const *arguments, int count)
{
	const struct cli_command *about = count ? cli_find(cli, arguments, count) : NULL;

	if (strcmp(command->name, "version") == 0)
		printf("%s %s\n", cli->program, cli->version);
	else if (count && !about)
		return count == 1 && print_group(cli, arguments[0]) ? CLI_DONE : unknown_command(cli, arguments, count);
	else if (about)
		print_help(cli, about);
	else
		print_usage(cli, stdout);
	return CLI_DONE;
}

/* Is every option that was given one that the command takes? Otherwise -1 and a line on stderr. */
static int check_options(const struct cli *cli, const struct cli_line *line, const struct cli_command *command)
{
	for (const struct cli_option *option = cli->options; option->name; option++) {
		if (!(line->given >> (option - cli->options) & 1) || !option->takes || option->takes & command->takes)
			continue;
		fprintf(stderr, "error: %s does not take ", command->name);
		if (option->letter)
			fprintf(stderr, "-%c", option->letter);
		else
			fprintf(stderr, "--%s", option->name);
		fprintf(stderr, "; see %s %s --help\n", cli->program, command->name);
		return -1;
	}
	return 0;
}

/* Answers a line that names no command. */
static int answer_nothing(const struct cli *cli, const struct cli_line *line)
{
	if (!line->help)
		return cli_wrong_use(cli);
	print_usage(cli, stdout);
	return CLI_DONE;
}

const struct cli_command *cli_select(const struct cli *cli, const struct cli_line *line, char ***arguments, int *rc)
{
	const struct cli_command *command = line->count ? cli_find(cli, line->arguments, line->count) : NULL;
	int words = command && command->subcommand ? 2 : 1, count = line->count - words;

	*arguments = line->arguments + words;
	*rc = CLI_DONE;
	if (line->version) {
		printf("%s %s\n", cli->program, cli->version);
	} else if (line->count == 0) {
		*rc = answer_nothing(cli, line);
	} else if (!command) {
		bool group = line->help && line->count == 1 && print_group(cli, line->arguments[0]);

		*rc = group ? CLI_DONE : unknown_command(cli, line->arguments, line->count);
	} else if (line->help) {
		print_help(cli, command);
	} else if (count < command->least || count > command->most) {
		print_synopsis(stderr, "usage: ", cli, command);
		*rc = CLI_FAILED;
	} else if (check_options(cli, line, command)) {
		*rc = CLI_FAILED;
	} else if (!command->run) {
		*rc = answer(cli, command, *arguments, count);
	} else {
		return command;
	}
	return NULL;
}

int cli_run(const struct cli *cli, const struct cli_line *line, void *context)
{
	char **arguments;
	int rc;
	const struct cli_command *command = cli_select(cli, line, &arguments, &rc);

	return command ? command->run(context, arguments) : rc;
}

int cli_finish(int rc)
{
	if (!fflush(stdout) && !ferror(stdout))
		return rc;
	fprintf(stderr, "error: cannot write the output\n");
	return rc ? rc : CLI_FAILED;
}

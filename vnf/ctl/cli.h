/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line from two tables, its commands and its options. Parsing, help, the refusal of options that a command
 * does not take, and the shell's completion all read them: a new verb or option is one row. Options may stand anywhere.
 */
#ifndef SLUICE_CTL_CLI_H
#define SLUICE_CTL_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes that all programs share. */
enum { CLI_DONE = 0, CLI_FAILED = 2 /* wrong use, wrong input, or it could not be done */ };

struct cli_completion;

/* Returns the exit code; `context` is what the program passes to cli_run. */
typedef int cli_command_run(void *context, char **arguments);

struct cli_option {
	const char *name;   /* without the dashes; NULL ends the table */
	char letter;	    /* 0: none */
	const char *value;  /* of its value, in help: "FILE"; NULL: it is a flag */
	unsigned int takes; /* the bit of the commands that take it; 0: all do */
	const char *help;   /* of those that all commands take; with "\n" where a line is full */
	/* Stores the value, NULL for a flag, at `offset` in the program's own options. 0, or -1 and a line on stderr.
	 */
	int (*set)(void *place, const char *value);
	size_t offset;
	/* Offers values to the shell; NULL: anything may be typed. */
	void (*complete)(struct cli_completion *completion);
};

/* For `set`. */
int cli_set_text(void *place, const char *value); /* const char * */
int cli_set_flag(void *place, const char *value); /* bool, to true */

struct cli_command {
	const char *name;	/* NULL ends the table */
	const char *subcommand; /* NULL: none */
	int least, most;	/* arguments */
	unsigned int takes;	/* the bits of its options */
	cli_command_run *run;	/* NULL: it is answered from the tables */
	const char *usage;	/* arguments and options, for the synopsis */
	const char *help;	/* a sentence, the options, and an example */
	/* Offers values of an argument to the shell; NULL: anything may be typed. */
	void (*complete)(struct cli_completion *completion);
	void (*more_help)(void); /* prints a part that only the program knows; NULL: nothing */
};

struct cli {
	const char *program, *version;
	const struct cli_command *commands; /* with "version" and "help" among them, which have no run */
	const struct cli_option *options;   /* without --help and --version, which every program has */
	const char *exit_codes;		    /* the last lines of the usage */
};

/* A command line that was taken apart. */
struct cli_line {
	uint64_t given; /* bit n: the n-th option of the table */
	bool help, version;
	char **arguments; /* the command and its arguments */
	int count;
};

/* Sets each option of the line; puts options before arguments in argv. 0, or -1 and a line on stderr. */
int cli_parse(const struct cli *cli, struct cli_line *line, int argc, char **argv, void *options);

/* Returns the command to run, whose arguments and options have been checked, and in *arguments those after its name.
 * NULL: help, the version or an error was printed, and *rc is the exit code. */
const struct cli_command *cli_select(const struct cli *cli, const struct cli_line *line, char ***arguments, int *rc);

/* Selects the command and runs it. Returns the exit code. */
int cli_run(const struct cli *cli, const struct cli_line *line, void *context);

/* The command of these words; NULL: there is none. */
const struct cli_command *cli_find(const struct cli *cli, char *const *words, int count);

/* Puts the usage, all commands with their synopsis, on stderr; FAILED. */
int cli_wrong_use(const struct cli *cli);

/* Flushes stdout; output that cannot be written is an error also where all else went well. Returns the exit code. */
int cli_finish(int rc);

#endif

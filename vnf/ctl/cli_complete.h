/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completes command lines, from their tables. The shell's half, completion/sluice.bash, calls "PROGRAM __complete
 * WORD..." with all the words so far, the last one unfinished, and gets a candidate on each line; the line ":files"
 * stands for the names of files.
 */
#ifndef SLUICE_CTL_CLI_COMPLETE_H
#define SLUICE_CTL_CLI_COMPLETE_H

#include "vnf/ctl/cli.h"

#define CLI_COMPLETE "__complete"

/* The line, as the functions in the tables see it. */
struct cli_completion {
	const struct cli *cli;
	void *options;		/* the program's, as far as the line has set them */
	char *const *arguments; /* the command's, without its own name: those before the word */
	int count;		/* of them */
	const char *word;	/* as far as it was typed */
};

/* Offers a candidate, if it goes on from the word. */
void cli_offer(struct cli_completion *completion, const char *candidate);
void cli_offer_files(struct cli_completion *completion);
/* Offers the network devices of this namespace. */
void cli_offer_devices(struct cli_completion *completion);
/* Offers the names of the commands; of use to help. */
void cli_offer_commands(struct cli_completion *completion);

/* Prints the candidates for the last word. Returns the exit code, which is DONE. */
int cli_complete(const struct cli *cli, char *const *words, int count, void *options);

#endif

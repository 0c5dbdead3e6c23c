/* SPDX-License-Identifier: Apache-2.0 */
/* sluiced's command line, and the file that it names. */
#ifndef SLUICE_OPTIONS_H
#define SLUICE_OPTIONS_H

#include "vnf/settings.h"

#define OPTIONS_DEFAULT_CONFIG "/etc/sluice/sluice.yaml" /* read where it exists */

struct options {
	struct settings settings; /* the command line's, then the file's, then defaults */
	const char *config;	  /* the file that was read; NULL: none */
	const char *relayed;	  /* unix socket to which TCP's clients are brought; NULL: TCP is served here */
	const char *relay;	  /* unix socket to bring them to, and nothing else; NULL: be the daemon */
	const char *loader;	  /* unix socket of who loads the program; NULL: the daemon does */
	bool load;		  /* load it for the one at standard input, and nothing else */
	bool check_only;	  /* -n */
};

/* What main should do with the command line. */
enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was asked for and printed */
	OPTIONS_WRONG, /* said on stderr what is wrong and how to go on */
};

/* options_free in any case. */
enum options_result options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif

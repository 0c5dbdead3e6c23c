/* SPDX-License-Identifier: Apache-2.0 */
/* sluiced's command line, and the file that it names. */
#ifndef SLUICE_OPTIONS_H
#define SLUICE_OPTIONS_H

#include "vnf/settings.h"

#define OPTIONS_TAKEOVER_SECONDS 60
#define OPTIONS_DEFAULT_CONFIG	 "/etc/sluice/sluice.yaml" /* read where it exists */

struct options {
	struct settings settings;  /* the command line's, then the file's, then defaults */
	const char *config;	   /* the file that was read; NULL: none */
	const char *relayed;	   /* unix socket to which the relay brings TCP's clients; NULL: TCP is served here */
	const char *relay;	   /* be the relay, and bring clients to this unix socket; NULL: be the daemon */
	const char *loader;	   /* unix socket of the process that loads the program; NULL: the daemon does */
	bool load;		   /* load the program for the process at standard input, and do nothing else */
	bool check_only;	   /* -n */
	uint32_t takeover_seconds; /* take over from the daemon that runs, in so long at most; 0: start without one */
};

/* The result of parsing, by which main goes on. */
enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was asked for and printed */
	OPTIONS_WRONG, /* the mistake and its remedy were printed on stderr */
};

/* Call options_free in any case. */
enum options_result options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The options of sluicectl: one table, which the command line, its help and its completion read. */
#ifndef SLUICE_CTL_OPTIONS_H
#define SLUICE_CTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/ctl/cli.h"

#define DEFAULT_SERVER	 "unix:/run/sluice/sluice.sock"
#define DEFAULT_OWNER	 "operator"
#define DEFAULT_TIMEOUT	 60 /* seconds */
#define DEFAULT_INTERVAL 2  /* seconds */

/* Exit codes. */
enum {
	DONE = CLI_DONE,
	DIFFERENT = 1, /* diff: there are differences; apply: not confirmed; preflight: an error was found;
			* drain: not done */
	FAILED = CLI_FAILED,
	TRY_AGAIN = 3, /* the server cannot be reached, or the state moved on meanwhile */
};

/* The options that a command takes beside those of all commands. */
enum {
	TAKES_FILES = 1 << 0, /* -f */
	TAKES_YES = 1 << 1,   /* -y */
	TAKES_DRY_RUN = 1 << 2,
	TAKES_REVISION = 1 << 3, /* --expected-revision */
	TAKES_PRUNE = 1 << 4,
	TAKES_OUTPUT = 1 << 5, /* -o */
	TAKES_VRF = 1 << 6,
	TAKES_ALL = 1 << 7, /* -a */
	TAKES_IDLE = 1 << 8,
	TAKES_GROUP = 1 << 9, /* --next-hop-group */
	TAKES_CONFIRM = 1 << 10,
	TAKES_CONNECTIONS = 1 << 11, /* --prefix, --protocol, --port, --rule */
	TAKES_STOP = 1 << 12,
	TAKES_INTERVAL = 1 << 20, /* --interval, --count */
};

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_YAML, OUTPUT_JSON };

struct options {
	const char *server, *owner;
	const char *tls_ca, *tls_cert, *tls_key; /* files; NULL or "": none */
	unsigned int timeout_ms;
	bool color; /* on stdout */
	bool yes, dry_run, prune, all, stop;
	const char **files;
	size_t file_count;
	uint64_t expected_revision, election_id;
	enum output output;
	const char *vrf, *next_hop_group;
	const char *prefix, *protocol, *rule; /* of connections; NULL: any */
	uint32_t port;
	uint32_t interval_ms; /* between readings */
	uint64_t count;	      /* of readings; 0: no end */
	uint32_t idle_seconds, confirm_seconds;
	Sluice__V1__Durability durability; /* of commits */
};

extern const struct cli_option options_table[];

/* Fills the options from the environment; there is room for `most` files. 0, or -1 and a line on stderr. options_free
 * in any case. */
int options_init(struct options *options, int most);
void options_free(struct options *options);

/* Do the options go together? 0, or -1 and a line on stderr. */
int options_check(const struct options *options);

#endif

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
			* drain: not done; health: not serving */
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
	TAKES_CONNECTIONS = 1 << 11, /* --prefix, --member, --listener, --load-balancer */
	TAKES_STOP = 1 << 12,
	TAKES_PROTOCOL = 1 << 13,
	TAKES_PORT = 1 << 14, /* --port: of connections, or the interface of packets */
	TAKES_RULE = 1 << 15,
	TAKES_PACKETS = 1 << 16,  /* --interface, --from, --to, --sport, --dport, --vni, --tunnel */
	TAKES_EXPLAIN = 1 << 17,  /* what else makes a packet */
	TAKES_FILTER = 1 << 18,	  /* what else selects packets */
	TAKES_CAPTURE = 1 << 19,  /* --in, --out, --snap, -w */
	TAKES_INTERVAL = 1 << 20, /* --interval */
	TAKES_COUNT = 1 << 21,
	TAKES_WATCH = 1 << 22,	   /* --from REVISION, --programmed */
	TAKES_VERDICTS = 1 << 23,  /* --from REVISION, --reason */
	TAKES_REHEARSAL = 1 << 24, /* --rehearse */
	TAKES_FLOWS = 1 << 25,	   /* --one-in */
	TAKES_WAIT = 1 << 26,
	TAKES_BY = 1 << 27,
};

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_YAML, OUTPUT_JSON };

/* Of packets; texts that were not given are NULL. */
struct packet_options {
	const char *interface, *out_interface, *from, *to, *tunnel, *reason;
	uint32_t sport, dport, vni;
	uint32_t ttl, length, packet_number;
	const char *tcp_flags, *hex, *pcap, *transaction;
	bool either, in, out;
	uint32_t verdicts; /* bits 1 << Sluice__V1__Verdict */
	uint32_t snap, one_in, seconds;
	const char *write;
};

struct options {
	const char *server, *owner;
	const char *tls_ca, *tls_cert, *tls_key; /* files; NULL or "": none */
	unsigned int timeout_ms;
	bool color;	/* on stdout */
	bool by_source; /* of show connections: who holds them */
	bool yes, dry_run, rehearse, prune, all, stop, programmed;
	const char **files;
	size_t file_count;
	uint64_t expected_revision, election_id;
	enum output output;
	const char *vrf, *next_hop_group;
	const char *prefix, *protocol, *rule;	       /* of connections, or packets; NULL: any */
	const char *member, *listener, *load_balancer; /* of connections */
	const char *port;
	struct packet_options packet;
	uint32_t interval_ms; /* between readings */
	uint64_t count;	      /* of readings, or packets; 0: it was not given */
	uint32_t idle_seconds, confirm_seconds;
	uint32_t wait_seconds;		   /* 0: not at all */
	Sluice__V1__Durability durability; /* of commits */
};

extern const struct cli_option options_table[];

/* Fills the options from the environment; there is room for `most` files. 0, or -1 and a line on stderr. options_free
 * in any case. */
int options_init(struct options *options, int most);
void options_free(struct options *options);

/* The value of an option from `minimum` to `maximum`. 0, or -1 and a line on stderr. */
int options_number(const char *name, const char *text, uint64_t minimum, uint64_t maximum, uint64_t *number);

/* Do the options go together? 0, or -1 and a line on stderr. */
int options_check(const struct options *options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/keys.h"
#include "vnf/ctl/packet_options.h"

static const char *const outputs[] = {"table", "wide", "yaml", "json"};

int options_number(const char *name, const char *text, uint64_t minimum, uint64_t maximum, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && *number >= minimum && *number <= maximum)
		return 0;
	fprintf(stderr, "error: --%s %s: a number from %llu to %llu is expected\n", name, text,
		(unsigned long long)minimum, (unsigned long long)maximum);
	return -1;
}

static int set_timeout(void *place, const char *value)
{
	uint64_t number;

	if (options_number("timeout", value, 1, 86400, &number))
		return -1;
	*(unsigned int *)place = (unsigned int)number * 1000;
	return 0;
}

static int set_no_color(void *place, const char *value)
{
	(void)value;
	*(bool *)place = false;
	return 0;
}

static int add_file(void *place, const char *value)
{
	struct options *options = place;

	options->files[options->file_count++] = value;
	return 0;
}

static int set_revision(void *place, const char *value)
{
	return options_number("expected-revision", value, 1, UINT64_MAX, place);
}

static int set_election(void *place, const char *value)
{
	return options_number("election-id", value, 1, UINT64_MAX, place);
}

static int set_output(void *place, const char *value)
{
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (strcmp(value, outputs[i]) == 0) {
			*(enum output *)place = (enum output)i;
			return 0;
		}
	}
	fprintf(stderr, "error: --output %s: not one of table, wide, yaml, json\n", value);
	return -1;
}

static void offer_outputs(struct cli_completion *completion)
{
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++)
		cli_offer(completion, outputs[i]);
}

static const char *const durabilities[] = {"journaled", "volatile"}; /* in the order of the API's, from 1 */

static int set_durability(void *place, const char *value)
{
	for (size_t i = 0; i < sizeof(durabilities) / sizeof(durabilities[0]); i++) {
		if (strcmp(value, durabilities[i]) == 0) {
			*(Sluice__V1__Durability *)place = (Sluice__V1__Durability)(i + 1);
			return 0;
		}
	}
	fprintf(stderr, "error: --durability %s: not one of journaled, volatile\n", value);
	return -1;
}

static void offer_durabilities(struct cli_completion *completion)
{
	for (size_t i = 0; i < sizeof(durabilities) / sizeof(durabilities[0]); i++)
		cli_offer(completion, durabilities[i]);
}

static int set_idle(void *place, const char *value)
{
	uint64_t number;

	if (options_number("idle", value, 1, 3600, &number))
		return -1;
	*(uint32_t *)place = (uint32_t)number;
	return 0;
}

/* Seconds, or with a unit: 120, 120s, 2m, 1h. */
static int set_time(void *place, const char *name, const char *value)
{
	const char *digits = "0123456789";
	size_t length = strspn(value, digits);
	const char *unit = value + length;
	unsigned long long number = strtoull(value, NULL, 10);
	unsigned int factor = strcmp(unit, "h") == 0 ? 3600 : strcmp(unit, "m") == 0 ? 60 : 1;

	if (!length || length > 5 || number * factor < 1 || number * factor > 86400 ||
	    (factor == 1 && *unit && strcmp(unit, "s") != 0)) {
		fprintf(stderr, "error: --%s %s: a time from 1 to 86400 seconds is expected, such as 120s or 2m\n",
			name, value);
		return -1;
	}
	*(uint32_t *)place = (uint32_t)(number * factor);
	return 0;
}

static int set_confirm(void *place, const char *value)
{
	return set_time(place, "confirm", value);
}

static int set_wait(void *place, const char *value)
{
	return set_time(place, "wait", value);
}

/* Seconds, also with tenths. */
static int set_interval(void *place, const char *value)
{
	size_t length = strspn(value, "0123456789.");
	char *end;
	double seconds = strtod(value, &end);

	if (!*value || value[length] || *end || seconds < 0.1 || seconds > 3600) {
		fprintf(stderr, "error: --interval %s: a number of seconds from 0.1 to 3600 is expected\n", value);
		return -1;
	}
	*(uint32_t *)place = (uint32_t)(seconds * 1000 + 0.5);
	return 0;
}

static int set_count(void *place, const char *value)
{
	return options_number("count", value, 1, UINT32_MAX, place);
}

static int set_by(void *place, const char *value)
{
	if (strcmp(value, "source") == 0)
		return cli_set_flag(place, value);
	fprintf(stderr, "error: --by %s: source is expected\n", value);
	return -1;
}

static void offer_by(struct cli_completion *completion)
{
	cli_offer(completion, "source");
}

#define AT(member) offsetof(struct options, member)

/* clang-format off */
const struct cli_option options_table[] = {
	{"server", 0, "ADDRESS", 0, "default $SLUICE_SERVER, or " DEFAULT_SERVER, cli_set_text, AT(server), NULL},
	{"tls-ca", 0, "FILE", 0, "use TLS; the CA that signed the server's certificate; default $SLUICE_TLS_CA", cli_set_text, AT(tls_ca), cli_offer_files},
	{"tls-cert", 0, "FILE", 0, "the client's own certificate; default $SLUICE_TLS_CERT", cli_set_text, AT(tls_cert), cli_offer_files},
	{"tls-key", 0, "FILE", 0, "the key of that certificate; default $SLUICE_TLS_KEY", cli_set_text, AT(tls_key), cli_offer_files},
	{"owner", 0, "NAME", 0, "the owner of all that is written; default $SLUICE_OWNER, or " DEFAULT_OWNER, cli_set_text, AT(owner), NULL},
	{"election-id", 0, "N", 0, "of the election that made this the owner's leading controller", set_election, AT(election_id), NULL},
	{"durability", 0, "CHOICE", 0, "journaled, on the disk before it is answered, or volatile; default: as the router has it", set_durability, AT(durability), offer_durabilities},
	{"timeout", 0, "SECONDS", 0, "for one call, default 60", set_timeout, AT(timeout_ms), NULL},
	{"no-color", 0, NULL, 0, "plain text also on a terminal (so does $NO_COLOR)", set_no_color, AT(color), NULL},
	{"file", 'f', "FILE", TAKES_FILES, NULL, add_file, 0, cli_offer_files},
	{"yes", 'y', NULL, TAKES_YES, NULL, cli_set_flag, AT(yes), NULL},
	{"dry-run", 0, NULL, TAKES_DRY_RUN, NULL, cli_set_flag, AT(dry_run), NULL},
	{"rehearse", 0, NULL, TAKES_REHEARSAL, NULL, cli_set_flag, AT(rehearse), NULL},
	{"expected-revision", 0, "N", TAKES_REVISION, NULL, set_revision, AT(expected_revision), NULL},
	{"prune", 0, NULL, TAKES_PRUNE, NULL, cli_set_flag, AT(prune), NULL},
	{"stop", 0, NULL, TAKES_STOP, NULL, cli_set_flag, AT(stop), NULL},
	{"output", 'o', "FORMAT", TAKES_OUTPUT, NULL, set_output, AT(output), offer_outputs},
	{"vrf", 0, "VRF", TAKES_VRF, NULL, cli_set_text, AT(vrf), keys_offer_vrfs},
	{"all", 'a', NULL, TAKES_ALL, NULL, cli_set_flag, AT(all), NULL},
	{"programmed", 0, NULL, TAKES_WATCH, NULL, cli_set_flag, AT(programmed), NULL},
	{"idle", 0, "SECONDS", TAKES_IDLE, NULL, set_idle, AT(idle_seconds), NULL},
	{"confirm", 0, "TIME", TAKES_CONFIRM, NULL, set_confirm, AT(confirm_seconds), NULL},
	{"wait", 0, "TIME", TAKES_WAIT, NULL, set_wait, AT(wait_seconds), NULL},
	{"next-hop-group", 0, "GROUP", TAKES_GROUP, NULL, cli_set_text, AT(next_hop_group), keys_offer_next_hop_groups},
	{"prefix", 0, "PREFIX", TAKES_CONNECTIONS, NULL, cli_set_text, AT(prefix), NULL},
	{"member", 0, "MEMBER", TAKES_CONNECTIONS, NULL, cli_set_text, AT(member), keys_offer_members},
	{"listener", 0, "LISTENER", TAKES_CONNECTIONS, NULL, cli_set_text, AT(listener), keys_offer_listeners},
	{"load-balancer", 0, "LOAD-BALANCER", TAKES_CONNECTIONS, NULL, cli_set_text, AT(load_balancer), keys_offer_load_balancers},
	{"protocol", 0, "PROTOCOL", TAKES_PROTOCOL, NULL, cli_set_text, AT(protocol), NULL},
	{"port", 0, "PORT", TAKES_PORT, NULL, cli_set_text, AT(port), NULL},
	{"by", 0, "source", TAKES_BY, NULL, set_by, AT(by_source), offer_by},
	{"rule", 0, "RULE", TAKES_RULE, NULL, cli_set_text, AT(rule), NULL},
	{"interface", 0, "INTERFACE", TAKES_PACKETS, NULL, cli_set_text, AT(packet.interface), keys_offer_interfaces},
	{"from", 0, "ADDRESS", TAKES_PACKETS | TAKES_WATCH | TAKES_VERDICTS, NULL, cli_set_text, AT(packet.from), NULL},
	{"to", 0, "ADDRESS", TAKES_PACKETS, NULL, cli_set_text, AT(packet.to), NULL},
	{"sport", 0, "PORT", TAKES_PACKETS, NULL, set_sport, AT(packet.sport), NULL},
	{"dport", 0, "PORT", TAKES_PACKETS, NULL, set_dport, AT(packet.dport), NULL},
	{"vni", 0, "VNI", TAKES_PACKETS, NULL, set_vni, AT(packet.vni), NULL},
	{"tunnel", 0, "TUNNEL", TAKES_PACKETS, NULL, cli_set_text, AT(packet.tunnel), keys_offer_tunnel_endpoints},
	{"ttl", 0, "TTL", TAKES_EXPLAIN, NULL, set_ttl, AT(packet.ttl), NULL},
	{"tcp-flags", 0, "FLAGS", TAKES_EXPLAIN, NULL, cli_set_text, AT(packet.tcp_flags), NULL},
	{"length", 0, "BYTES", TAKES_EXPLAIN, NULL, set_length, AT(packet.length), NULL},
	{"packet", 0, "HEX", TAKES_EXPLAIN, NULL, cli_set_text, AT(packet.hex), NULL},
	{"pcap", 0, "FILE", TAKES_EXPLAIN, NULL, cli_set_text, AT(packet.pcap), cli_offer_files},
	{"packet-number", 0, "N", TAKES_EXPLAIN, NULL, set_packet_number, AT(packet.packet_number), NULL},
	{"transaction", 0, "ID", TAKES_EXPLAIN, NULL, cli_set_text, AT(packet.transaction), NULL},
	{"out-interface", 0, "INTERFACE", TAKES_FILTER, NULL, cli_set_text, AT(packet.out_interface), keys_offer_interfaces},
	{"either", 0, NULL, TAKES_FILTER, NULL, cli_set_flag, AT(packet.either), NULL},
	{"reason", 0, "REASON", TAKES_FILTER | TAKES_VERDICTS, NULL, cli_set_text, AT(packet.reason), NULL},
	{"verdict", 0, "VERDICT", TAKES_FILTER, NULL, add_verdict, AT(packet.verdicts), offer_verdicts},
	{"seconds", 0, "N", TAKES_FILTER, NULL, set_seconds, AT(packet.seconds), NULL},
	{"in", 0, NULL, TAKES_CAPTURE, NULL, cli_set_flag, AT(packet.in), NULL},
	{"out", 0, NULL, TAKES_CAPTURE, NULL, cli_set_flag, AT(packet.out), NULL},
	{"snap", 0, "BYTES", TAKES_CAPTURE, NULL, set_snap, AT(packet.snap), NULL},
	{"write", 'w', "FILE", TAKES_CAPTURE, NULL, cli_set_text, AT(packet.write), cli_offer_files},
	{"one-in", 0, "N", TAKES_FLOWS, NULL, set_one_in, AT(packet.one_in), NULL},
	{"interval", 0, "SECONDS", TAKES_INTERVAL, NULL, set_interval, AT(interval_ms), NULL},
	{"count", 0, "N", TAKES_COUNT, NULL, set_count, AT(count), NULL},
	{.name = NULL},
};
/* clang-format on */

int options_check(const struct options *options)
{
	if (!options->tls_cert != !options->tls_key)
		fprintf(stderr, "error: --tls-cert and --tls-key go together: a certificate and its key\n");
	else if (options->tls_cert && !options->tls_ca)
		fprintf(stderr,
			"error: --tls-cert needs --tls-ca, the authority that signed the server's certificate\n");
	else
		return 0;
	return -1;
}

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

int options_init(struct options *options, int most)
{
	const char *terminal = getenv("TERM");

	*options = (struct options){
		.server = from_environment("SLUICE_SERVER", DEFAULT_SERVER),
		.tls_ca = from_environment("SLUICE_TLS_CA", NULL),
		.tls_cert = from_environment("SLUICE_TLS_CERT", NULL),
		.tls_key = from_environment("SLUICE_TLS_KEY", NULL),
		.owner = from_environment("SLUICE_OWNER", DEFAULT_OWNER),
		.timeout_ms = DEFAULT_TIMEOUT * 1000,
		.interval_ms = DEFAULT_INTERVAL * 1000,
		/* https://no-color.org */
		.color = isatty(STDOUT_FILENO) && !*from_environment("NO_COLOR", "") &&
			 !(terminal && strcmp(terminal, "dumb") == 0),
		.files = calloc((size_t)most + 1, sizeof(*options->files)),
	};
	if (options->files)
		return 0;
	fprintf(stderr, "error: out of memory\n");
	return -1;
}

void options_free(struct options *options)
{
	free(options->files);
	options->files = NULL;
}

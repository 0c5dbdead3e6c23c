/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LONG_SERVER = 256,
	LONG_TLS_CA,
	LONG_TLS_CERT,
	LONG_TLS_KEY,
	LONG_OWNER,
	LONG_TIMEOUT,
	LONG_NO_COLOR,
	LONG_DRY_RUN,
	LONG_REVISION,
	LONG_PRUNE,
	LONG_VRF,
	LONG_IDLE,
	LONG_GROUP
};

static const struct option long_options[] = {
	{"server", required_argument, NULL, LONG_SERVER},
	{"tls-ca", required_argument, NULL, LONG_TLS_CA},
	{"tls-cert", required_argument, NULL, LONG_TLS_CERT},
	{"tls-key", required_argument, NULL, LONG_TLS_KEY},
	{"owner", required_argument, NULL, LONG_OWNER},
	{"timeout", required_argument, NULL, LONG_TIMEOUT},
	{"no-color", no_argument, NULL, LONG_NO_COLOR},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"file", required_argument, NULL, 'f'},
	{"yes", no_argument, NULL, 'y'},
	{"dry-run", no_argument, NULL, LONG_DRY_RUN},
	{"expected-revision", required_argument, NULL, LONG_REVISION},
	{"prune", no_argument, NULL, LONG_PRUNE},
	{"output", required_argument, NULL, 'o'},
	{"vrf", required_argument, NULL, LONG_VRF},
	{"all", no_argument, NULL, 'a'},
	{"idle", required_argument, NULL, LONG_IDLE},
	{"next-hop-group", required_argument, NULL, LONG_GROUP},
	{NULL, 0, NULL, 0},
};

static int parse_number(const char *name, const char *text, uint64_t minimum, uint64_t maximum, uint64_t *number)
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

static int parse_output(const char *text, enum output *output)
{
	static const char *const names[] = {"table", "wide", "yaml", "json"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*output = (enum output)i;
			return 0;
		}
	}
	fprintf(stderr, "error: --output %s: not one of table, wide, yaml, json\n", text);
	return -1;
}

static int parse_one(struct options *options, int option)
{
	uint64_t number;

	switch (option) {
	case LONG_SERVER:
		options->server = optarg;
		return 0;
	case LONG_TLS_CA:
		options->tls_ca = optarg;
		return 0;
	case LONG_TLS_CERT:
		options->tls_cert = optarg;
		return 0;
	case LONG_TLS_KEY:
		options->tls_key = optarg;
		return 0;
	case LONG_OWNER:
		options->owner = optarg;
		return 0;
	case LONG_TIMEOUT:
		if (parse_number("timeout", optarg, 1, 86400, &number))
			return -1;
		options->timeout_ms = (unsigned int)number * 1000;
		return 0;
	case LONG_NO_COLOR:
		options->color = false;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case 'f':
		options->given |= TAKES_FILES;
		options->files[options->file_count++] = optarg;
		return 0;
	case 'y':
		options->given |= TAKES_YES;
		options->yes = true;
		return 0;
	case LONG_DRY_RUN:
		options->given |= TAKES_DRY_RUN;
		options->dry_run = true;
		return 0;
	case LONG_REVISION:
		options->given |= TAKES_REVISION;
		return parse_number("expected-revision", optarg, 1, UINT64_MAX, &options->expected_revision);
	case LONG_PRUNE:
		options->given |= TAKES_PRUNE;
		options->prune = true;
		return 0;
	case 'o':
		options->given |= TAKES_OUTPUT;
		return parse_output(optarg, &options->output);
	case LONG_VRF:
		options->given |= TAKES_VRF;
		options->vrf = optarg;
		return 0;
	case LONG_GROUP:
		options->given |= TAKES_GROUP;
		options->next_hop_group = optarg;
		return 0;
	case 'a':
		options->given |= TAKES_ALL;
		options->all = true;
		return 0;
	case LONG_IDLE:
		options->given |= TAKES_IDLE;
		if (parse_number("idle", optarg, 1, 3600, &number))
			return -1;
		options->idle_seconds = (uint32_t)number;
		return 0;
	default: /* getopt has said what is wrong */
		return -1;
	}
}

static int check_tls(const struct options *options)
{
	if (!options->tls_cert != !options->tls_key)
		fprintf(stderr, "error: --tls-cert and --tls-key go together: a certificate and its key\n");
	else if (options->tls_cert && !options->tls_ca)
		fprintf(stderr, "error: --tls-cert needs --tls-ca, who signed the server's certificate\n");
	else
		return 0;
	return -1;
}

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

int options_parse(struct options *options, int argc, char **argv)
{
	const char *terminal = getenv("TERM");
	int option;

	*options = (struct options){
		.server = from_environment("SLUICE_SERVER", DEFAULT_SERVER),
		.tls_ca = from_environment("SLUICE_TLS_CA", NULL),
		.tls_cert = from_environment("SLUICE_TLS_CERT", NULL),
		.tls_key = from_environment("SLUICE_TLS_KEY", NULL),
		.owner = from_environment("SLUICE_OWNER", DEFAULT_OWNER),
		.timeout_ms = DEFAULT_TIMEOUT * 1000,
		/* https://no-color.org */
		.color = isatty(STDOUT_FILENO) && !*from_environment("NO_COLOR", "") &&
			 !(terminal && strcmp(terminal, "dumb") == 0),
		.files = calloc((size_t)argc + 1, sizeof(*options->files)),
	};
	if (!options->files) {
		fprintf(stderr, "error: out of memory\n");
		return -1;
	}
	while ((option = getopt_long(argc, argv, "hf:yo:aV", long_options, NULL)) != -1) {
		if (option == 'V') {
			printf("sluicectl %s\n", SLUICE_VERSION);
			exit(DONE);
		}
		if (parse_one(options, option))
			return -1;
	}
	options->arguments = argv + optind;
	options->argument_count = argc - optind;
	return check_tls(options);
}

void options_free(struct options *options)
{
	free(options->files);
	options->files = NULL;
}

int options_check(const struct options *options, unsigned int takes, const char *command)
{
	static const char *const names[] = {"-f",    "-y", "--dry-run", "--expected-revision", "--prune", "-o",
					    "--vrf", "-a", "--idle",	"--next-hop-group"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (options->given & ~takes & 1U << i) {
			fprintf(stderr, "error: %s does not take %s; see sluicectl %s --help\n", command, names[i],
				command);
			return -1;
		}
	}
	return 0;
}

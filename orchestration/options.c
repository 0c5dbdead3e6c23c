/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/spec/spec.h"

enum { LONG_CONNECT = 256, LONG_IMAGE, LONG_ONCE, LONG_REPLICA };

static const struct option long_options[] = {
	{"file", required_argument, NULL, 'f'},
	{"check", no_argument, NULL, 'n'},
	{"connect", required_argument, NULL, LONG_CONNECT},
	{"output", required_argument, NULL, 'o'},
	{"image", required_argument, NULL, LONG_IMAGE},
	{"once", no_argument, NULL, LONG_ONCE},
	{"replica", required_argument, NULL, LONG_REPLICA},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static int parse_replica(struct options *options)
{
	unsigned long number;
	char *end;

	number = strtoul(optarg, &end, 10);
	if (*optarg < '0' || *optarg > '9' || *end || number >= SPEC_REPLICAS) {
		fprintf(stderr, "error: --replica %s: a number from 0 to %d is expected\n", optarg, SPEC_REPLICAS - 1);
		return -1;
	}
	options->replica = (unsigned int)number;
	options->given |= TAKES_REPLICA;
	return 0;
}

static int parse_one(struct options *options, int option)
{
	switch (option) {
	case 'f':
		options->spec = optarg;
		options->given |= TAKES_SPEC;
		return 0;
	case 'n':
		options->check = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case 'o':
		options->given |= TAKES_OUTPUT;
		options->json = strcmp(optarg, "json") == 0;
		if (options->json || strcmp(optarg, "table") == 0)
			return 0;
		fprintf(stderr, "error: --output %s: not one of table, json\n", optarg);
		return -1;
	case LONG_CONNECT:
		options->connect = optarg;
		options->given |= TAKES_CONNECT;
		return 0;
	case LONG_IMAGE:
		options->image = optarg;
		options->given |= TAKES_IMAGE;
		return 0;
	case LONG_ONCE:
		options->once = true;
		options->given |= TAKES_ONCE;
		return 0;
	case LONG_REPLICA:
		return parse_replica(options);
	default: /* getopt has said what is wrong */
		return -1;
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	int option;

	*options = (struct options){0};
	while ((option = getopt_long(argc, argv, "f:no:hV", long_options, NULL)) != -1) {
		if (option == 'V') {
			puts("sluice-orch " SLUICE_VERSION);
			exit(DONE);
		}
		if (parse_one(options, option))
			return -1;
	}
	options->arguments = argv + optind;
	options->argument_count = argc - optind;
	return 0;
}

int options_check(const struct options *options, unsigned int takes, const char *command)
{
	static const char *const names[] = {"-f", "--connect", "-o", "--image", "--once", "--replica"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (options->given & ~takes & 1U << i) {
			fprintf(stderr, "error: %s does not take %s; see sluice-orch %s --help\n", command, names[i],
				command);
			return -1;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/limits.h"

static const char usage[] =
	"Usage: sluiced [OPTION]...\n"
	"Route, decapsulate and steer the packets of this network namespace in XDP, as gRPC clients say.\n"
	"\n"
	"  -l, --listen ADDRESS     serve gRPC here: unix:/path, 127.0.0.1:50051 or [::1]:50051; may be given up to 8 "
	"times\n"
	"                           (default: " OPTIONS_DEFAULT_LISTEN ")\n"
	"      --insecure           allow TCP without TLS beyond loopback\n"
	"      --max-routes N       room for counters of N routes, 1 to 2097151 (default: 1310720)\n"
	"      --log-level LEVEL    error, warning, info or debug (default: info)\n"
	"      --log-format FORMAT  text or json (default: text)\n"
	"  -n, --check              check the options, load and verify the XDP program, and exit\n"
	"  -h, --help               show this and exit\n"
	"  -V, --version            show the version and exit\n"
	"\n"
	"Signals: SIGTERM and SIGINT finish running calls (5 s at most) and exit.\n"
	"Exit status: 0 done, 1 failed (the log says why), 2 wrong command line.\n";

enum { OPTION_INSECURE = 256, OPTION_MAX_ROUTES, OPTION_LOG_LEVEL, OPTION_LOG_FORMAT };

static const struct option long_options[] = {
	{"listen", required_argument, NULL, 'l'},
	{"insecure", no_argument, NULL, OPTION_INSECURE},
	{"max-routes", required_argument, NULL, OPTION_MAX_ROUTES},
	{"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
	{"log-format", required_argument, NULL, OPTION_LOG_FORMAT},
	{"check", no_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* Index of `word` in the NULL-terminated `words`, or -1 having said what is possible. */
static int choose(const char *option, const char *word, const char *const words[])
{
	for (int i = 0; words[i]; i++) {
		if (!strcmp(word, words[i]))
			return i;
	}
	fprintf(stderr, "sluiced: --%s %s: choose one of:", option, word);
	for (int i = 0; words[i]; i++)
		fprintf(stderr, " %s", words[i]);
	fprintf(stderr, "\n");
	return -1;
}

static bool add_listen(struct options *options, const char *address)
{
	size_t count = 0;

	while (options->listen[count])
		count++;
	if (count == OPTIONS_LISTEN) {
		fprintf(stderr, "sluiced: --listen: at most %d addresses\n", OPTIONS_LISTEN);
		return false;
	}
	options->listen[count] = address;
	return true;
}

static bool parse_max_routes(struct options *options, const char *text)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || number < 1 || number >= DP_MAX_ROUTES) {
		fprintf(stderr, "sluiced: --max-routes %s: a number from 1 to %u is needed\n", text, DP_MAX_ROUTES - 1);
		return false;
	}
	options->max_routes = (uint32_t)number;
	return true;
}

static bool parse_one(struct options *options, int option)
{
	static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
	static const char *const formats[] = {"text", "json", NULL};
	int choice;

	switch (option) {
	case 'l':
		return add_listen(options, optarg);
	case 'n':
		options->check_only = true;
		return true;
	case OPTION_INSECURE:
		options->insecure = true;
		return true;
	case OPTION_MAX_ROUTES:
		return parse_max_routes(options, optarg);
	case OPTION_LOG_LEVEL:
		choice = choose("log-level", optarg, levels);
		options->log_level = (enum log_level)choice;
		return choice >= 0;
	case OPTION_LOG_FORMAT:
		choice = choose("log-format", optarg, formats);
		options->log_format = (enum log_format)choice;
		return choice >= 0;
	}
	fprintf(stderr, "Try 'sluiced --help'.\n"); /* getopt has said what is wrong */
	return false;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	int option;

	*options = (struct options){.log_level = LOG_LEVEL_INFO};
	optind = 1;
	while ((option = getopt_long(argc, argv, "l:nhV", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return OPTIONS_DONE;
		}
		if (option == 'V') {
			puts("sluiced " SLUICE_VERSION);
			return OPTIONS_DONE;
		}
		if (!parse_one(options, option))
			return OPTIONS_WRONG;
	}
	if (optind < argc) {
		fprintf(stderr, "sluiced: unexpected argument '%s'. Try 'sluiced --help'.\n", argv[optind]);
		return OPTIONS_WRONG;
	}
	if (!options->listen[0])
		options->listen[0] = OPTIONS_DEFAULT_LISTEN;
	return OPTIONS_RUN;
}

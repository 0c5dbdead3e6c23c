/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "vnf/config.h"

static const char usage[] =
	"Usage: sluiced [OPTION]...\n"
	"Route, decapsulate and steer the packets of this network namespace in XDP, as gRPC clients say.\n"
	"\n"
	"  -c, --config FILE        read settings that no option gives from FILE, sluiced.yaml(5)\n"
	"                           (default: " OPTIONS_DEFAULT_CONFIG ", where it exists)\n"
	"  -l, --listen ADDRESS     serve gRPC here: unix:/path, 127.0.0.1:50051 or [::1]:50051; may be given up to 8 "
	"times\n"
	"                           (default: " SETTINGS_DEFAULT_LISTEN ")\n"
	"      --insecure           allow TCP without TLS beyond loopback\n"
	"      --web ADDRESS        serve metrics over HTTP here: a port for loopback, as in 9111, or ADDRESS:PORT; up "
	"to "
	"8\n"
	"                           times\n"
	"      --relay PATH         only listen on the TCP addresses, and pass connections on to the sluiced behind "
	"PATH\n"
	"      --relayed PATH       serve that at PATH, and listen on no TCP address: for another network namespace\n"
	"      --load               only load the packet programs, for the sluiced at standard input's other end\n"
	"      --loader PATH        have the sluiced --load behind PATH load them, and do without CAP_PERFMON\n"
	"      --xdp CHOICE         run XDP, too: auto (default), always, never; auto not on veth, taps and the like\n"
	"      --limits PROFILE     size the tables for: small (default), internet, most; the file can set each limit\n"
	"      --max-routes N       room for N routes, 1 to 2097151 (default: the profile's; small: 131072)\n"
	"      --state DIRECTORY    keep the state there, and take it up again at the start; none: in memory only\n"
	"                           (default: $STATE_DIRECTORY, where systemd gives one)\n"
	"      --pins DIRECTORY     leave counters and what else packets have found out to the next sluiced in this "
	"directory\n"
	"                           of a BPF file system; none: it begins anew (default: with systemd, or in "
	"/sys/fs/bpf)\n"
	"      --takeover[=SECONDS]  take over from the sluiced that runs here, which goes on if this one fails or "
	"needs "
	"more than\n"
	"                           1 to 600 seconds (default: 60); start as usual where none runs\n"
	"      --log-level LEVEL    error, warning, info or debug (default: info)\n"
	"      --log-format FORMAT  text or json (default: text)\n"
	"  -n, --check              check options, file, certificates and journal, load and verify the programs, and "
	"exit\n"
	"  -h, --help               show this and exit\n"
	"  -V, --version            show the version and exit\n"
	"\n"
	"Signals: SIGTERM and SIGINT finish running calls (5 s at most), detach the programs and exit. SIGUSR1 does so "
	"and\n"
	"leaves the programs attached, so that packets go on until the next sluiced takes over.\n"
	"Exit status: 0 done, 1 failed (the log says why), 2 wrong command line or file.\n";

enum {
	OPTION_INSECURE = 256,
	OPTION_XDP,
	OPTION_LIMITS,
	OPTION_MAX_ROUTES,
	OPTION_LOG_LEVEL,
	OPTION_LOG_FORMAT,
	OPTION_RELAY,
	OPTION_RELAYED,
	OPTION_LOAD,
	OPTION_LOADER,
	OPTION_STATE,
	OPTION_PINS,
	OPTION_TAKEOVER,
	OPTION_WEB
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"listen", required_argument, NULL, 'l'},
	{"insecure", no_argument, NULL, OPTION_INSECURE},
	{"web", required_argument, NULL, OPTION_WEB},
	{"relay", required_argument, NULL, OPTION_RELAY},
	{"relayed", required_argument, NULL, OPTION_RELAYED},
	{"load", no_argument, NULL, OPTION_LOAD},
	{"loader", required_argument, NULL, OPTION_LOADER},
	{"xdp", required_argument, NULL, OPTION_XDP},
	{"limits", required_argument, NULL, OPTION_LIMITS},
	{"max-routes", required_argument, NULL, OPTION_MAX_ROUTES},
	{"state", required_argument, NULL, OPTION_STATE},
	{"pins", required_argument, NULL, OPTION_PINS},
	{"takeover", optional_argument, NULL, OPTION_TAKEOVER},
	{"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
	{"log-format", required_argument, NULL, OPTION_LOG_FORMAT},
	{"check", no_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static bool take(struct options *options, const char *name, setting_take *setting)
{
	char why[SETTING_WHY];

	if (!setting(&options->settings, optarg, why))
		return true;
	fprintf(stderr, "sluiced: --%s %s: %s\n", name, optarg, why);
	return false;
}

static int max_routes(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return setting_limit(settings, LIMIT_routes, text, why);
}

/* Takes the path of a unix socket, which must fit into its address. */
static bool take_path(const char *name, const char **path)
{
	if (optarg[0] != '/' || strlen(optarg) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		fprintf(stderr,
			"sluiced: --%s %s: the absolute path of a unix socket is expected, as in "
			"/run/sluice-management/grpc.sock\n",
			name, optarg);
		return false;
	}
	*path = optarg;
	return true;
}

static bool take_takeover(struct options *options)
{
	char *end = NULL;
	long seconds = optarg ? strtol(optarg, &end, 10) : OPTIONS_TAKEOVER_SECONDS;

	if (seconds < 1 || seconds > 600 || (optarg && (*end || end == optarg))) {
		fprintf(stderr, "sluiced: --takeover=%s: 1 to 600 seconds are expected\n", optarg);
		return false;
	}
	options->takeover_seconds = (uint32_t)seconds;
	return true;
}

/* Options of which each is for a process of its own, or that say different things of it. */
static bool fit_together(const struct options *options)
{
	if ((options->relay || options->load) &&
	    ((options->relay && options->load) || options->relayed || options->loader || options->check_only ||
	     options->takeover_seconds)) {
		fprintf(stderr, "sluiced: --relay and --load are processes of their own: leave --relayed, --loader, "
				"--takeover and --check out\n");
		return false;
	}
	if (options->takeover_seconds && options->relayed) {
		fprintf(stderr, "sluiced: --takeover: not behind a relay: leave --relayed out, or restart the sluiced "
				"that runs with SIGUSR1\n");
		return false;
	}
	return true;
}

static bool parse_one(struct options *options, int option)
{
	switch (option) {
	case 'c':
		options->config = optarg;
		return true;
	case 'l':
		return take(options, "listen", setting_listen);
	case 'n':
		options->check_only = true;
		return true;
	case OPTION_INSECURE:
		options->settings.insecure = true;
		return true;
	case OPTION_WEB:
		return take(options, "web", setting_web_listen);
	case OPTION_RELAY:
		return take_path("relay", &options->relay);
	case OPTION_RELAYED:
		return take_path("relayed", &options->relayed);
	case OPTION_LOAD:
		options->load = true;
		return true;
	case OPTION_LOADER:
		return take_path("loader", &options->loader);
	case OPTION_XDP:
		return take(options, "xdp", setting_xdp);
	case OPTION_LIMITS:
		return take(options, "limits", setting_limits_profile);
	case OPTION_MAX_ROUTES:
		return take(options, "max-routes", max_routes);
	case OPTION_STATE:
		return take(options, "state", setting_state_directory);
	case OPTION_PINS:
		return take(options, "pins", setting_pin_directory);
	case OPTION_TAKEOVER:
		return take_takeover(options);
	case OPTION_LOG_LEVEL:
		return take(options, "log-level", setting_log_level);
	case OPTION_LOG_FORMAT:
		return take(options, "log-format", setting_log_format);
	}
	fprintf(stderr, "Try 'sluiced --help'.\n"); /* getopt has printed the mistake */
	return false;
}

static enum options_result parse_line(struct options *options, int argc, char **argv)
{
	int option;

	optind = 0; /* GNU: begin anew */
	while ((option = getopt_long(argc, argv, "c:l:nhV", long_options, NULL)) != -1) {
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
	return fit_together(options) ? OPTIONS_RUN : OPTIONS_WRONG;
}

static void read_file(struct options *options, struct error *error)
{
	FILE *stream;

	if (!options->config && access(OPTIONS_DEFAULT_CONFIG, F_OK) == 0)
		options->config = OPTIONS_DEFAULT_CONFIG;
	if (!options->config) {
		settings_fill(&options->settings, &(struct settings){0});
		settings_check(&options->settings, error);
		return;
	}
	stream = fopen(options->config, "re");
	if (!stream) {
		error_add(error, ERROR_NOT_FOUND, options->config, "%s", strerror(errno));
		return;
	}
	config_read(&options->settings, stream, options->config, error);
	fclose(stream);
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	struct error error = {0};
	enum options_result result;

	*options = (struct options){0};
	result = parse_line(options, argc, argv);
	if (result != OPTIONS_RUN)
		return result;
	read_file(options, &error);
	for (size_t i = 0; i < error.count && i < ERROR_FAULTS; i++)
		fprintf(stderr, "sluiced: %s: %s\n", error.fault[i].field, error.fault[i].message);
	if (error.count > ERROR_FAULTS)
		fprintf(stderr, "sluiced: and %zu more\n", error.count - ERROR_FAULTS);
	return error.count ? OPTIONS_WRONG : OPTIONS_RUN;
}

void options_free(struct options *options)
{
	settings_free(&options->settings);
}

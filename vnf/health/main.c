/* SPDX-License-Identifier: Apache-2.0 */
/* sluice-health: probes what sluiced says is to be probed, and reports what it finds. */
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/core/error.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/health/bfd.h"
#include "vnf/health/config.h"
#include "vnf/health/curl_loop.h"
#include "vnf/health/link.h"
#include "vnf/health/targets.h"

#define DEFAULT_CONFIG "/etc/sluice/health.yaml"
#define DEFAULT_TARGET "unix:/run/sluice/sluice.sock"

static const char usage[] =
	"Usage: sluice-health [OPTION]...\n"
	"Probe the members, gateways and boxes of a sluiced's health monitors, and report what is up.\n"
	"\n"
	"  -c, --config FILE      read from which device each VRF is probed (default: " DEFAULT_CONFIG
	", where it exists)\n"
	"  -t, --target ADDRESS   of sluiced: unix:/path, 127.0.0.1:50051 (default: the file's, else " DEFAULT_TARGET
	")\n"
	"  -n, --check            check options and file, and exit\n"
	"      --log-level LEVEL  error, warning, info or debug (default: info)\n"
	"  -h, --help             show this and exit\n"
	"  -V, --version          show the version and exit\n"
	"\n"
	"Exit status: 0 done, 1 failed (the log says why), 2 wrong command line or file.\n";

struct options {
	const char *config, *target;
	enum log_level level;
	bool check;
};

struct health {
	struct loop *loop;
	struct config config;
	struct prober prober;
	struct bfd_sockets bfd;
	struct targets *targets;
	struct link *link;
	struct event *signals[2];
};

static bool take_level(const char *text, enum log_level *level)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};

	for (int i = 0; i < 4; i++)
		if (!strcmp(text, names[i])) {
			*level = (enum log_level)i;
			return true;
		}
	fprintf(stderr, "sluice-health: --log-level %s: error, warning, info or debug are expected\n", text);
	return false;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"target", required_argument, NULL, 't'},
		{"check", no_argument, NULL, 'n'},
		{"log-level", required_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:t:nhV", known, NULL)) >= 0) {
		if (option == 'c')
			options->config = optarg;
		else if (option == 't')
			options->target = optarg;
		else if (option == 'n')
			options->check = true;
		else if (option == 'l' && !take_level(optarg, &options->level))
			return 2;
		else if (option == 'h')
			return fputs(usage, stdout) < 0;
		else if (option == 'V')
			return printf("sluice-health " SLUICE_VERSION "\n") < 0;
		else if (option == '?')
			return 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "sluice-health: %s: no argument is expected: see --help\n", argv[optind]);
	return 2;
}

/* Keeps CAP_NET_RAW, where it was given: probes of stages take it. All else is given up, for good. */
static void drop_privileges(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if (capability != CAP_NET_RAW)
			prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
	if (!syscall(SYS_capget, &header, data)) {
		for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
			const uint32_t kept = i == CAP_TO_INDEX(CAP_NET_RAW) ? CAP_TO_MASK(CAP_NET_RAW) : 0;

			data[i].permitted &= kept;
			data[i].effective = data[i].permitted; /* a file's may be permitted only */
			data[i].inheritable &= kept;
		}
		if (!syscall(SYS_capset, &header, data) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			return;
	}
	log_warning("privileges cannot be given up: %s", strerror(errno));
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	loop_stop(((struct health *)context)->loop);
}

static void on_opened(void *context)
{
	targets_begin(((struct health *)context)->targets);
}

static void on_targets(void *context, Sluice__V1__HealthTargets *message)
{
	targets_take(((struct health *)context)->targets, message);
}

static bool send_reports(void *context, const Sluice__V1__HealthReports *reports)
{
	struct health *health = context;

	return health->link && link_send(health->link, reports);
}

/* 0, or 1 and it was logged. */
static int start(struct health *health, const char *target)
{
	const struct link_callbacks callbacks = {on_opened, on_targets, health};
	static const int numbers[] = {SIGTERM, SIGINT};

	signal(SIGPIPE, SIG_IGN);
	health->loop = loop_new();
	if (!health->loop)
		goto err;
	health->prober.base = loop_base(health->loop);
	health->prober.bfd = &health->bfd;
	health->prober.curl = curl_loop_new(health->prober.base);
	health->targets = targets_new(&health->prober, &health->config, send_reports, health);
	for (int i = 0; i < 2; i++) {
		health->signals[i] = evsignal_new(health->prober.base, numbers[i], on_signal, health);
		if (!health->signals[i] || event_add(health->signals[i], NULL))
			goto err;
	}
	if (health->prober.curl && health->targets)
		health->link = link_new(health->loop, target, &callbacks);
	if (health->link)
		return 0;
err:
	log_error("cannot start: %s", strerror(errno ? errno : ENOMEM));
	return 1;
}

static void stop(struct health *health)
{
	if (health->link) {
		link_stop(health->link);
		event_base_loop(health->prober.base, EVLOOP_NONBLOCK);
	}
	link_free(health->link);
	targets_free(health->targets);
	curl_loop_free(health->prober.curl);
	for (int i = 0; i < 2; i++)
		if (health->signals[i])
			event_free(health->signals[i]);
	loop_free(health->loop);
	config_free(&health->config);
}

/* 0 or 2. Without the option the file need not be there. */
static int read_config(const struct options *options, struct config *config)
{
	const char *path = options->config ? options->config : DEFAULT_CONFIG;
	struct error error = {0};

	if (!options->config && access(path, F_OK))
		return 0;
	if (!config_read(path, config, &error))
		return 0;
	log_faults("configuration", &error);
	return 2;
}

int main(int argc, char **argv)
{
	struct options options = {.level = LOG_LEVEL_INFO};
	struct health health = {0};
	int status = parse(argc, argv, &options);

	if (status >= 0)
		return status;
	log_init(options.level, LOG_FORMAT_TEXT);
	drop_privileges();
	status = read_config(&options, &health.config);
	if (!status && !options.check) {
		status = start(&health, options.target		? options.target
					: *health.config.target ? health.config.target
								: DEFAULT_TARGET);
		if (!status)
			status = loop_run(health.loop) ? 1 : 0;
	}
	stop(&health);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the daemon, which its command line and its file have in common, and how each value is written. */
#ifndef SLUICE_SETTINGS_H
#define SLUICE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/error.h"
#include "vnf/core/log.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/xdp/attach.h"
#include "vnf/sflow/collectors.h"

#define SETTINGS_LISTEN		8
#define SETTINGS_DEFAULT_LISTEN "unix:/run/sluice/sluice.sock"

struct settings_tls {
	char *certificate; /* PEM files; NULL: no TLS */
	char *key;
	char *client_ca; /* NULL: clients need no certificate */
};

/* 0: the default, which settings_fill sets where there are collectors. */
struct settings_sflow {
	union sflow_collector collector[SFLOW_COLLECTORS];
	size_t collectors; /* 0: no sFlow */
	uint32_t polling_seconds;
	bool polling_set; /* 0 may be asked for */
	struct ip_address agent;
	uint16_t header_bytes;
	bool no_tunnels, tunnels_set;
};

/* Zero-initialise. Texts are the settings' own: settings_free. */
struct settings {
	char *listen[SETTINGS_LISTEN + 1]; /* ends with NULL */
	bool insecure;
	char *web_listen[SETTINGS_LISTEN + 1]; /* of HTTP; ends with NULL; none: it is not served */
	struct settings_tls tls;
	char *management_interface; /* NULL: none is set apart */
	char *access_policy;	    /* file; NULL: whoever can connect may do everything */
	char *state_directory;	    /* NULL: none, or "none" */
	char *pin_directory;	    /* NULL: the daemon chooses; "none": nothing is kept */
	bool drop_unknown;	    /* ports of an unknown state drop everything */
	bool drop_unknown_set;
	char *dataplane_namespace; /* a name under /run/netns, or a path; NULL: the one that the daemon starts in */
	uint64_t flow_salt;	   /* 0: chosen by the dataplane */
	enum xdp_choice xdp;
	bool xdp_set;
	const char *limits_profile; /* static; NULL: the default */
	struct dp_limits limits;    /* 0: the profile's */
	uint32_t sampling;	    /* one packet in so many; 0: none */
	struct settings_sflow sflow;
	enum log_level log_level;
	enum log_format log_format;
	bool log_level_set, log_format_set;
};

void settings_free(struct settings *settings);

#define SETTING_WHY	  160
#define SETTING_DIRECTORY 1000 /* bytes of a path */

/* Takes one value. 0, or -1 and the mistake with its remedy in `why`. */
typedef int setting_take(struct settings *settings, const char *text, char why[SETTING_WHY]);
setting_take setting_listen, setting_web_listen; /* one more address */
setting_take setting_insecure, setting_certificate, setting_key, setting_client_ca, setting_management_interface,
	setting_state_directory, setting_pin_directory, setting_on_unknown_state, setting_dataplane_namespace,
	setting_flow_salt, setting_xdp, setting_limits_profile, setting_log_level, setting_log_format,
	setting_access_policy;
setting_take setting_sflow_collector; /* one more */
setting_take setting_sampling, setting_sflow_polling, setting_sflow_agent, setting_sflow_header, setting_sflow_tunnels;

/* Takes one of limits.max_... in the same way. */
int setting_limit(struct settings *settings, enum limit limit, const char *text, char why[SETTING_WHY]);

/* Takes from `file` the settings that `settings` lacks, and sets defaults for those that neither has: then all limits
 * are set. */
void settings_fill(struct settings *settings, struct settings *file);

/* Of settings_fill and settings_check. */
void settings_fill_sflow(struct settings *settings, const struct settings *file);
void settings_check_sflow(const struct settings_sflow *sflow, struct error *error);

/* Do the settings fit together? Each fault names its key as the file has it, "listen[1]", "web.listen[0]" or "tls.key".
 */
void settings_check(const struct settings *settings, struct error *error);

#endif

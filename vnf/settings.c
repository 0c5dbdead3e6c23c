/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/rpc/listen_address.h"
#include "vnf/web/http/web_address.h"

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < SETTINGS_LISTEN; i++) {
		free(settings->listen[i]);
		free(settings->web_listen[i]);
	}
	free(settings->tls.certificate);
	free(settings->tls.key);
	free(settings->tls.client_ca);
	free(settings->management_interface);
	free(settings->dataplane_namespace);
	free(settings->state_directory);
	free(settings->access_policy);
	free(settings->pin_directory);
	*settings = (struct settings){0};
}

static int refuse(char why[SETTING_WHY], const char *text)
{
	snprintf(why, SETTING_WHY, "%s", text);
	return -1;
}

static int keep(char **place, const char *text, char why[SETTING_WHY])
{
	char *copy = strdup(text);

	if (!copy)
		return refuse(why, "out of memory");
	free(*place);
	*place = copy;
	return 0;
}

static int keep_one_more(char **list, const char *text, char why[SETTING_WHY])
{
	size_t count = 0;

	while (list[count])
		count++;
	if (count == SETTINGS_LISTEN) {
		snprintf(why, SETTING_WHY, "at most %d addresses", SETTINGS_LISTEN);
		return -1;
	}
	return keep(&list[count], text, why);
}

int setting_listen(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return keep_one_more(settings->listen, text, why);
}

int setting_web_listen(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return keep_one_more(settings->web_listen, text, why);
}

int setting_insecure(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	settings->insecure = !strcmp(text, "true");
	return settings->insecure || !strcmp(text, "false") ? 0 : refuse(why, "true or false is expected");
}

static int keep_path(char **place, const char *text, char why[SETTING_WHY])
{
	if (text[0] != '/')
		return refuse(why, "the absolute path of a file is expected, as in /etc/sluice/tls/server.pem");
	return keep(place, text, why);
}

int setting_certificate(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return keep_path(&settings->tls.certificate, text, why);
}

int setting_key(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return keep_path(&settings->tls.key, text, why);
}

int setting_client_ca(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return keep_path(&settings->tls.client_ca, text, why);
}

int setting_management_interface(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	/* as the kernel's dev_valid_name() has it */
	if (!*text || strlen(text) > 15 || !strcmp(text, ".") || !strcmp(text, "..") || strpbrk(text, "/: \t\n\v\f\r"))
		return refuse(why, "the name of a network device is expected, as in eth0");
	return keep(&settings->management_interface, text, why);
}

int setting_dataplane_namespace(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	if (!*text || !strcmp(text, ".") || !strcmp(text, "..") || (text[0] != '/' && strchr(text, '/')))
		return refuse(why, "the name of a network namespace under /run/netns or an absolute path is expected");
	return keep(&settings->dataplane_namespace, text, why);
}

int setting_state_directory(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	if (text[0] != '/' && strcmp(text, "none") != 0)
		return refuse(why, "the absolute path of a directory is expected, as in /var/lib/sluice, or none");
	if (strlen(text) > SETTING_DIRECTORY)
		return refuse(why, "the path is too long");
	return keep(&settings->state_directory, text, why);
}

int setting_access_policy(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	if (text[0] != '/' || strlen(text) > SETTING_DIRECTORY)
		return refuse(why, "the absolute path of a file is expected, as in /etc/sluice/access.yaml");
	return keep(&settings->access_policy, text, why);
}

int setting_pin_directory(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	if (text[0] != '/' && strcmp(text, "none") != 0)
		return refuse(why, "the absolute path of a directory is expected, as in /sys/fs/bpf/sluice/a, or none");
	if (strlen(text) > SETTING_DIRECTORY)
		return refuse(why, "the path is too long");
	return keep(&settings->pin_directory, text, why);
}

int setting_on_unknown_state(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	settings->drop_unknown = !strcmp(text, "drop");
	settings->drop_unknown_set = true;
	return settings->drop_unknown || !strcmp(text, "forward") ? 0 : refuse(why, "choose one of: forward, drop");
}

int setting_flow_salt(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || *end || text[0] < '0' || text[0] > '9' || !number)
		return refuse(why, "a number from 1 to 2^64 - 1 is needed, as in 0x243f6a8885a308d3");
	settings->flow_salt = number;
	return 0;
}

int setting_xdp(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	static const char *const names[] = {[XDP_AUTO] = "auto", [XDP_ALWAYS] = "always", [XDP_NEVER] = "never"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(names[i], text)) {
			settings->xdp = (enum xdp_choice)i;
			settings->xdp_set = true;
			return 0;
		}
	}
	return refuse(why, "choose one of: auto, always, never");
}

int setting_limits_profile(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	static const char *const names[] = {"small", "internet", "most"};
	struct dp_limits ignored;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], text))
			settings->limits_profile = names[i];
	return limits_profile(text, &ignored) ? refuse(why, "choose one of: " LIMITS_PROFILES) : 0;
}

int setting_limit(struct settings *settings, enum limit limit, const char *text, char why[SETTING_WHY])
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || number < 1 || number > limit_most(limit)) {
		snprintf(why, SETTING_WHY, "a number from 1 to %u is needed", limit_most(limit));
		return -1;
	}
	limit_set(&settings->limits, limit, (uint32_t)number);
	return 0;
}

int setting_log_level(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	static const char *const levels[] = {"error", "warning", "info", "debug"};

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		if (!strcmp(text, levels[i])) {
			settings->log_level = (enum log_level)i;
			settings->log_level_set = true;
			return 0;
		}
	}
	return refuse(why, "choose one of: error warning info debug");
}

int setting_log_format(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0)
		return refuse(why, "choose one of: text json");
	settings->log_format = text[0] == 't' ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON;
	settings->log_format_set = true;
	return 0;
}

static void move_text(char **to, char **from)
{
	if (*to)
		return;
	*to = *from;
	*from = NULL;
}

static void fill_limits(struct settings *settings, const struct settings *file)
{
	struct dp_limits profile;

	if (!settings->limits_profile)
		settings->limits_profile = file->limits_profile ? file->limits_profile : LIMITS_DEFAULT_PROFILE;
	limits_profile(settings->limits_profile, &profile);
	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		if (!limit_get(&settings->limits, i))
			limit_set(&settings->limits, i, limit_get(&file->limits, i));
		if (!limit_get(&settings->limits, i))
			limit_set(&settings->limits, i, limit_get(&profile, i));
	}
	limits_complete(&settings->limits);
}

static void move_list(char *to[SETTINGS_LISTEN + 1], char *from[SETTINGS_LISTEN + 1])
{
	if (to[0])
		return;
	memcpy(to, from, (SETTINGS_LISTEN + 1) * sizeof(*to));
	memset(from, 0, (SETTINGS_LISTEN + 1) * sizeof(*from));
}

void settings_fill(struct settings *settings, struct settings *file)
{
	move_list(settings->listen, file->listen);
	move_list(settings->web_listen, file->web_listen);
	if (!settings->listen[0])
		settings->listen[0] = strdup(SETTINGS_DEFAULT_LISTEN);
	settings->insecure |= file->insecure;
	move_text(&settings->tls.certificate, &file->tls.certificate);
	move_text(&settings->tls.key, &file->tls.key);
	move_text(&settings->tls.client_ca, &file->tls.client_ca);
	move_text(&settings->management_interface, &file->management_interface);
	move_text(&settings->dataplane_namespace, &file->dataplane_namespace);
	move_text(&settings->state_directory, &file->state_directory);
	move_text(&settings->access_policy, &file->access_policy);
	move_text(&settings->pin_directory, &file->pin_directory);
	if (!settings->drop_unknown_set)
		settings->drop_unknown = file->drop_unknown; /* otherwise false */
	if (!settings->flow_salt)
		settings->flow_salt = file->flow_salt;
	fill_limits(settings, file);
	settings_fill_sflow(settings, file);
	if (!settings->xdp_set)
		settings->xdp = file->xdp; /* otherwise 0: XDP_AUTO */
	if (!settings->log_level_set)
		settings->log_level = file->log_level_set ? file->log_level : LOG_LEVEL_INFO;
	if (!settings->log_format_set)
		settings->log_format = file->log_format;
}

static void check_tls(const struct settings_tls *tls, struct error *error)
{
	if (tls->certificate && !tls->key)
		error_add(error, ERROR_INVALID_ARGUMENT, "tls.certificate", "needs tls.key, its private key");
	if (tls->key && !tls->certificate)
		error_add(error, ERROR_INVALID_ARGUMENT, "tls.key", "needs tls.certificate, which goes with it");
	if (tls->client_ca && !tls->certificate)
		error_add(error, ERROR_INVALID_ARGUMENT, "tls.client_ca",
			  "needs tls.certificate and tls.key: clients are only known over TLS");
}

/* Beyond loopback it takes TLS, unless plain text is wanted; and where an access policy says who may read, the client's
 * certificate. 0 or -1. */
static int check_web_address(const struct settings *settings, const char *text, struct error *fault)
{
	struct web_address address;

	if (web_address_parse(text, &address, fault))
		return -1;
	if (web_address_is_loopback(&address))
		return 0;
	if (!settings->tls.certificate && !settings->insecure)
		error_add(fault, ERROR_PERMISSION_DENIED, NULL,
			  "%s is not a loopback address and the connection would be plain text: set tls, give a port "
			  "for loopback, as in 9111, or allow it with insecure: true or --insecure",
			  text);
	else if (settings->access_policy && !settings->tls.client_ca)
		error_add(fault, ERROR_PERMISSION_DENIED, NULL,
			  "%s is not a loopback address and access_policy says who may read: set tls.client_ca, by "
			  "which clients are known, or give a port for loopback, as in 9111",
			  text);
	return fault->count ? -1 : 0;
}

static void check_web(const struct settings *settings, struct error *error)
{
	for (size_t i = 0; i < SETTINGS_LISTEN && settings->web_listen[i]; i++) {
		struct error fault = {0};
		char key[24];

		if (!check_web_address(settings, settings->web_listen[i], &fault))
			continue;
		snprintf(key, sizeof(key), "web.listen[%zu]", i);
		error_add(error, fault.code, key, "%s", fault.fault[0].message);
	}
}

void settings_check(const struct settings *settings, struct error *error)
{
	bool plain = !settings->tls.certificate;

	if (!settings->listen[0])
		error_add(error, ERROR_RESOURCE_EXHAUSTED, "listen", "out of memory");
	check_tls(&settings->tls, error);
	settings_check_sflow(&settings->sflow, error);
	if (settings->insecure && !plain)
		error_add(error, ERROR_INVALID_ARGUMENT, "insecure",
			  "TCP is served with TLS here: leave insecure out, or tls");
	for (size_t i = 0; i < SETTINGS_LISTEN && settings->listen[i]; i++) {
		struct error fault = {0};
		char key[16];

		if (!listen_address_check(settings->listen[i], !plain || settings->insecure, &fault))
			continue;
		snprintf(key, sizeof(key), "listen[%zu]", i);
		error_add(error, fault.code, key, "%s", fault.fault[0].message);
	}
	check_web(settings, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The section sflow of the daemon's file, and the sampling that it rests on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/settings.h"

#define SAMPLING 1000 /* defaults */
#define POLLING	 20
#define HEADER	 128

#define SAMPLING_MOST 1000000
#define POLLING_MOST  3600
#define HEADER_LEAST  64
#define HEADER_MOST   1024 /* the largest sample fits into a datagram with it */

int setting_sflow_collector(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	struct settings_sflow *sflow = &settings->sflow;

	if (sflow->collectors == SFLOW_COLLECTORS) {
		snprintf(why, SETTING_WHY, "at most %d collectors", SFLOW_COLLECTORS);
		return -1;
	}
	if (!sflow_collector_parse(text, &sflow->collector[sflow->collectors])) {
		sflow->collectors++;
		return 0;
	}
	snprintf(why, SETTING_WHY,
		 "an IP address is expected, with a UDP port or without: 192.0.2.1, 192.0.2.1:%d, "
		 "[2001:db8::1]:%d",
		 SFLOW_PORT, SFLOW_PORT);
	return -1;
}

static int number(const char *text, uint32_t least, uint32_t most, uint32_t *place, char why[SETTING_WHY])
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || value < least || value > most) {
		snprintf(why, SETTING_WHY, "a number from %u to %u is needed", least, most);
		return -1;
	}
	*place = (uint32_t)value;
	return 0;
}

int setting_sampling(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	return number(text, 1, SAMPLING_MOST, &settings->sampling, why);
}

int setting_sflow_polling(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	settings->sflow.polling_set = true;
	return number(text, 0, POLLING_MOST, &settings->sflow.polling_seconds, why);
}

int setting_sflow_header(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	uint32_t bytes = 0;
	int status = number(text, HEADER_LEAST, HEADER_MOST, &bytes, why);

	settings->sflow.header_bytes = (uint16_t)bytes;
	return status;
}

int setting_sflow_tunnels(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	settings->sflow.no_tunnels = !strcmp(text, "false");
	settings->sflow.tunnels_set = true;
	if (settings->sflow.no_tunnels || !strcmp(text, "true"))
		return 0;
	snprintf(why, SETTING_WHY, "true or false is expected");
	return -1;
}

int setting_sflow_agent(struct settings *settings, const char *text, char why[SETTING_WHY])
{
	if (!ip_address_parse(text, &settings->sflow.agent))
		return 0;
	snprintf(why, SETTING_WHY, "an IP address of this router is expected, as in 192.0.2.1 or 2001:db8::1");
	return -1;
}

void settings_fill_sflow(struct settings *settings, const struct settings *file)
{
	struct settings_sflow *sflow = &settings->sflow;

	*sflow = file->sflow; /* the command line has none of them */
	settings->sampling = file->sampling;
	if (!sflow->collectors)
		return;
	if (!settings->sampling)
		settings->sampling = SAMPLING;
	if (!sflow->polling_set)
		sflow->polling_seconds = POLLING;
	if (!sflow->header_bytes)
		sflow->header_bytes = HEADER;
}

static void check_alone(bool set, const char *key, struct error *error)
{
	if (set)
		error_add(error, ERROR_INVALID_ARGUMENT, key, "needs sflow.collectors: nothing is sent without one");
}

void settings_check_sflow(const struct settings_sflow *sflow, struct error *error)
{
	if (sflow->collectors)
		return;
	check_alone(sflow->polling_set, "sflow.polling_seconds", error);
	check_alone(sflow->agent.family, "sflow.agent_address", error);
	check_alone(sflow->header_bytes, "sflow.header_bytes", error);
	check_alone(sflow->tunnels_set, "sflow.tunnels", error);
}

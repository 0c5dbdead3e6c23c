/* SPDX-License-Identifier: Apache-2.0 */
/* preflight: prints the findings on this machine, each with its remedy on a line of its own. */
#include <stdio.h>
#include <string.h>

#include "sluice/v1/system_service.pb-c.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/json_write.h"

static const struct {
	const char *word, *color;
} severities[] = {
	[SLUICE__V1__SEVERITY__SEVERITY_UNSPECIFIED] = {"?", "\033[33m"},
	[SLUICE__V1__SEVERITY__SEVERITY_OK] = {"ok", "\033[32m"},
	[SLUICE__V1__SEVERITY__SEVERITY_WARNING] = {"warning", "\033[33m"},
	[SLUICE__V1__SEVERITY__SEVERITY_ERROR] = {"error", "\033[31m"},
};

static void print_findings(const struct session *session, const Sluice__V1__PreflightResponse *response)
{
	int width = 0;

	for (size_t i = 0; i < response->n_findings; i++) {
		int length = (int)strlen(response->findings[i]->subject);

		width = length > width ? length : width;
	}
	for (size_t i = 0; i < response->n_findings; i++) {
		const Sluice__V1__Finding *finding = response->findings[i];
		size_t n = (size_t)finding->severity;
		bool color = session->options->color;

		if (n >= sizeof(severities) / sizeof(*severities))
			n = 0; /* of a newer server */
		printf("%-*s  %s%-7s%s  %s\n", width, finding->subject, color ? severities[n].color : "",
		       severities[n].word, color ? "\033[0m" : "", finding->what);
		if (*finding->remedy)
			printf("%*s  remedy: %s\n", width + 9, "", finding->remedy);
	}
}

int command_preflight(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__PreflightRequest request = SLUICE__V1__PREFLIGHT_REQUEST__INIT;
	Sluice__V1__PreflightResponse *response;
	struct error error;
	int rc = DONE;

	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	request.devices = arguments;
	while (arguments[request.n_devices])
		request.n_devices++;
	response = (void *)session_call(session, &sluice__v1__system_service__descriptor, "Preflight", &request.base,
					&error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(&response->base)) ? out_of_memory() : DONE;
	else
		print_findings(session, response);
	for (size_t i = 0; rc == DONE && i < response->n_findings; i++) {
		if (response->findings[i]->severity == SLUICE__V1__SEVERITY__SEVERITY_ERROR)
			rc = DIFFERENT;
	}
	sluice__v1__preflight_response__free_unpacked(response, NULL);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The server of HTTP of the daemon. */
#include "vnf/core/log.h"
#include "vnf/core/privileges.h"
#include "vnf/daemon.h"
#include "vnf/web/http/web.h"
#include "vnf/web/http/web_address.h"
#include "vnf/web/paths.h"

/* Behind a relay this is the dataplane's namespace, in which nobody but this machine is to reach it. */
static int check_relayed(const struct daemon *daemon)
{
	struct error ignored = {0};
	struct web_address address;

	for (size_t i = 0; daemon->options.relayed && daemon->options.settings.web_listen[i]; i++) {
		const char *text = daemon->options.settings.web_listen[i];

		if (!web_address_parse(text, &address, &ignored) && web_address_is_loopback(&address))
			continue;
		log_error("web.listen[%zu]: %s: behind a relay HTTP is served in the dataplane's namespace, and there "
			  "only on loopback: give a port, as in 9111",
			  i, text);
		return -1;
	}
	return 0;
}

int start_web(struct daemon *daemon)
{
	const struct settings *settings = &daemon->options.settings;
	const struct web_options options = {.listen = settings->web_listen,
					    .device = settings->management_interface,
					    .wait = daemon->options.takeover_seconds > 0,
					    .certificate = settings->tls.certificate,
					    .key = settings->tls.key,
					    .client_ca = settings->tls.client_ca,
					    .access = settings->access_policy ? daemon->services.access : NULL,
					    .paths = web_paths,
					    .started = privileges_drop};
	struct error error = {0};

	if (!settings->web_listen[0])
		return 0;
	if (check_relayed(daemon))
		return -1;
	daemon->web = web_new(&options, &error);
	log_faults("HTTP", &error);
	return daemon->web ? 0 : -1;
}

void serve_web(struct daemon *daemon)
{
	if (!daemon->web)
		return;
	web_serve(daemon->web, daemon->control);
	for (size_t i = 0; daemon->options.settings.web_listen[i]; i++)
		log_info("HTTP is served on %s", daemon->options.settings.web_listen[i]);
}

void free_web(struct daemon *daemon)
{
	web_free(daemon->web);
}

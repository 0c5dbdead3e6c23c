/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/options.h"

#include <string.h>

#include "vnf/control/commit/permission.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/kinds/decode.h"

int write_rehearsal(struct rehearsal_wish *wish, const Sluice__V1__Rehearsal *message, const char *path,
		    struct error *error)
{
	struct decoder decoder = {.error = error};

	*wish = (struct rehearsal_wish){0};
	if (!message)
		return 0;
	*wish = (struct rehearsal_wish){message->samples, message->connections};
	decoder_enter(&decoder, "%s%srehearsal", path ? path : "", path ? "." : "");
	if (wish->samples > REHEARSAL_SAMPLES)
		decode_fault(&decoder, "samples", "%u are more than are remembered: 0 to %d", wish->samples,
			     REHEARSAL_SAMPLES);
	if (wish->connections > REHEARSAL_CONNECTIONS)
		decode_fault(&decoder, "connections", "%u is out of range: 0 to %d", wish->connections,
			     REHEARSAL_CONNECTIONS);
	return decoder.failed ? -1 : 0;
}

int write_options(struct write_options *options, const Sluice__V1__WriteOptions *message, bool needs_owner,
		  struct error *error)
{
	struct decoder decoder = {.error = error};

	*options = (struct write_options){.owner = "", .request_id = ""};
	if (message)
		*options = (struct write_options){.owner = message->owner,
						  .request_id = message->request_id,
						  .expected_revision = message->expected_revision,
						  .validate_only = message->validate_only,
						  .durability = message->durability,
						  .confirm_seconds = message->confirm_seconds,
						  .election_id = message->election_id};
	decoder_enter(&decoder, "options");
	if (needs_owner || *options->owner)
		decode_text(&decoder, "owner", options->owner, false);
	if (strncmp(options->owner, "source/", strlen("source/")) == 0)
		decode_fault(&decoder, "owner",
			     "begins as the owners of what route sources have learned: take another");
	if (*options->request_id)
		decode_text(&decoder, "request_id", options->request_id, false);
	if (options->durability < SLUICE__V1__DURABILITY__DURABILITY_UNSPECIFIED ||
	    options->durability > SLUICE__V1__DURABILITY__DURABILITY_VOLATILE)
		decode_fault(&decoder, "durability", "%d is no durability: JOURNALED or VOLATILE",
			     (int)options->durability);
	if (options->confirm_seconds > CONFIRM_SECONDS)
		decode_fault(&decoder, "confirm_seconds", "%u is out of range: 1 to %d, or 0 for a commit that stays",
			     options->confirm_seconds, CONFIRM_SECONDS);
	if (message && message->rehearsal && !options->validate_only)
		decode_fault(&decoder, "rehearsal", "is for dry runs: set validate_only");
	if (write_rehearsal(&options->rehearsal, message ? message->rehearsal : NULL, "options", error) ||
	    decoder.failed)
		return -1;
	return *options->owner ? permission_for_owner(options->owner, "options.owner", error) : 0;
}

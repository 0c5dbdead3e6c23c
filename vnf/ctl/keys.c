/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/keys.h"

#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/listing.h"

#define WAIT_MS 2000 /* a shell that waits longer looks dead */

static int offer_key(const Sluice__V1__ResourceState *state, void *completion)
{
	cli_offer(completion, state->key);
	return DONE;
}

static void offer_keys(struct cli_completion *completion, const ProtobufCFieldDescriptor *kind)
{
	struct listing listing = {.each = offer_key, .context = completion};
	struct options *options = completion->options;
	struct session session = {.options = options};

	options->timeout_ms = WAIT_MS;
	listing.vrf = options->vrf;
	list_resources(&session, kind->id, &listing);
	session_end(&session);
}

void keys_offer_vrfs(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("vrf"));
}

void keys_offer_next_hop_groups(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("next_hop_group"));
}

void keys_offer_interfaces(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("interface"));
}

void keys_offer_tunnel_endpoints(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("tunnel_endpoint"));
}

void keys_offer_members(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("member"));
}

void keys_offer_listeners(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("listener"));
}

void keys_offer_load_balancers(struct cli_completion *completion)
{
	offer_keys(completion, kind_find("load_balancer"));
}

void keys_offer_kinds(struct cli_completion *completion)
{
	for (unsigned int i = 0; kind_at(i); i++)
		cli_offer(completion, kind_at(i)->name);
}

void keys_offer_kind_and_key(struct cli_completion *completion)
{
	const ProtobufCFieldDescriptor *kind = completion->count ? kind_find(completion->arguments[0]) : NULL;

	if (completion->count == 0)
		keys_offer_kinds(completion);
	else if (completion->count == 1 && kind)
		offer_keys(completion, kind);
}

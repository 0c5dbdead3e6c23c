/* SPDX-License-Identifier: Apache-2.0 */
/* Completes kinds, from the protos, and keys of resources, from the server that the line names. */
#ifndef SLUICE_CTL_KEYS_H
#define SLUICE_CTL_KEYS_H

struct cli_completion;

void keys_offer_vrfs(struct cli_completion *completion);
void keys_offer_next_hop_groups(struct cli_completion *completion);
void keys_offer_interfaces(struct cli_completion *completion);
void keys_offer_tunnel_endpoints(struct cli_completion *completion);
void keys_offer_members(struct cli_completion *completion);
void keys_offer_listeners(struct cli_completion *completion);
void keys_offer_load_balancers(struct cli_completion *completion);

/* A command's arguments KIND and KEY. */
void keys_offer_kinds(struct cli_completion *completion);
void keys_offer_kind_and_key(struct cli_completion *completion);

#endif

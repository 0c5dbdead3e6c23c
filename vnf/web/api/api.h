/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /api/...: what the router answers over gRPC, as the same JSON that "sluicectl -o json" prints. Parameters of a
 * request that it does not know are refused, so that none is left unseen. An error is one line of text with the field
 * and the remedy, under the status that fits its code.
 */
#ifndef SLUICE_WEB_API_H
#define SLUICE_WEB_API_H

#include "vnf/web/http/path.h"

web_handle api_now; /* ?kinds=vrf,interface: all that a page shows, in one answer, of each kind the first 1,000 */
web_handle api_system, api_limits, api_ports, api_verdicts;
web_handle api_resources;   /* ?kind=vrf [&vrf=] [&page_size=] [&page_token=] */
web_handle api_connections; /* how many there are, of how many there may be */
web_handle api_revisions;   /* [?owner=] [&page_size=] [&page_token=] */
web_handle api_difference;  /* ?from_revision=11&to_revision=12 [&page_size=] [&page_token=] */

/* ?interface= with source=, destination= and the other fields of PacketFields, or with frame=, in hexadecimal. */
web_handle api_explain;

#endif

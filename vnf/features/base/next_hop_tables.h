/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_BASE_NEXT_HOP_TABLES_H
#define SLUICE_FEATURES_BASE_NEXT_HOP_TABLES_H

#include "vnf/features/base/base.h"
#include "vnf/reconcile/table.h"
#include "vnf/features/base/base.h"

/* For tables before gateways: the MAC of a neighbour in a VRF, which gateways then have without asking the kernel.
 * `id` is the caller's, from 1; `key` NULL: it gives none any more. */
void next_hops_set_neighbour(struct tables *tables, uint32_t id, const struct vrf_key *key, const uint8_t mac[6]);

/* For tables before next_hops: why the tunnel endpoint, and with it every next hop into it, is not programmed. */
void next_hops_set_tunnel(struct tables *tables, const struct resource *endpoint, enum pending_reason pending);

/* Of a next hop that is no tunnel's; of a group, as the underlay of a tunnel; of any next hop. */
enum pending_reason gateway_pending(const struct tables *tables, uint32_t id);
enum pending_reason gateway_group_pending(const struct tables *tables, uint32_t id);
enum pending_reason next_hop_pending(const struct tables *tables, uint32_t id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What rules of security groups and policy rules ask for alike. */
#ifndef SLUICE_FEATURES_POLICY_MATCH_FIELDS_H
#define SLUICE_FEATURES_POLICY_MATCH_FIELDS_H

#include "vnf/control/kinds/decode.h"
#include "vnf/features/policy/policy.h"

/* The family of what a rule says, 4, 6, or 0: not said, with the field that says it. */
struct family {
	uint8_t family;
	const char *field;
};

/* Faults what contradicts what was said before; empty prefixes say nothing. */
void decode_family(struct decoder *decoder, Sluice__V1__IpFamily from, uint8_t *to, struct family *family);
void decode_end(struct decoder *decoder, const char *field, const char *text, struct ip_prefix *to,
		struct family *family);
void decode_protocol(struct decoder *decoder, uint32_t from, uint8_t *to, struct family *family);

void decode_ports(struct decoder *decoder, const char *field, const Sluice__V1__PortRange *from, uint8_t protocol,
		  struct policy_ports *to);
void decode_icmp(struct decoder *decoder, const Sluice__V1__IcmpMatch *from, uint8_t protocol, struct policy_icmp *to);
void decode_established(struct decoder *decoder, Sluice__V1__Established from, uint8_t *to);

/* 0 or -ENOMEM. */
int encode_ports(Sluice__V1__PortRange **to, const struct policy_ports *from);
int encode_icmp(Sluice__V1__IcmpMatch **to, const struct policy_icmp *from);

bool ports_equal(const struct policy_ports *a, const struct policy_ports *b);
bool icmp_equal(const struct policy_icmp *a, const struct policy_icmp *b);

/* The family of a protocol that only one has, else 0. */
uint8_t protocol_family(uint8_t protocol);

#endif

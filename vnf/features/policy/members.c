/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/policy/members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/decode.h"
#include "vnf/features/policy/policy.h"

size_t members_count(struct decoder *decoder, const char *field, size_t count)
{
	if (count <= POLICY_MEMBERS)
		return count;
	decode_fault(decoder, field, "has %zu addresses: at most %d; nest address groups to have more", count,
		     POLICY_MEMBERS);
	return 0;
}

static void decode_member(struct decoder *decoder, const char *text, struct ip_prefix *prefix)
{
	struct ip_address address;
	char with_length[IP_PREFIX_TEXT];

	if (strchr(text, '/') || ip_address_parse(text, &address)) {
		decode_prefix(decoder, "", text, prefix);
		return;
	}
	snprintf(with_length, sizeof(with_length), "%s/%d", text, address.family == 4 ? 32 : 128);
	decode_prefix(decoder, "", with_length, prefix);
}

struct member {
	struct ip_prefix prefix;
	uint32_t index; /* in the message */
};

static int compare(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = ip_prefix_compare(&a->prefix, &b->prefix);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

void members_decode(struct decoder *decoder, const char *field, char *const *texts, struct ip_prefix *to, size_t count)
{
	struct member *members = calloc(count ? count : 1, sizeof(*members));

	if (!members) {
		decode_no_memory(decoder);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		size_t above = decoder_enter_element(decoder, field, i);

		decode_member(decoder, texts[i], &members[i].prefix);
		members[i].index = (uint32_t)i;
		decoder_leave(decoder, above);
	}
	qsort(members, count, sizeof(*members), compare);
	for (size_t i = 0; i < count; i++) {
		char path[96];

		to[i] = members[i].prefix;
		if (i == 0 || !to[i].address.family || ip_prefix_compare(&to[i], &to[i - 1]) != 0)
			continue;
		snprintf(path, sizeof(path), "%s[%u]", field, members[i].index);
		decode_fault(decoder, path, "is the same as %s[%u]", field, members[i - 1].index);
	}
	free(members);
}

int members_encode(char ***field, size_t *n_field, const struct ip_prefix *member, size_t count)
{
	*field = calloc(count ? count : 1, sizeof(**field));
	if (!*field)
		return -ENOMEM;
	for (; *n_field < count; ++*n_field) {
		const struct ip_prefix *prefix = &member[*n_field];
		char text[IP_PREFIX_TEXT];

		if (prefix->length == (prefix->address.family == 4 ? 32 : 128))
			ip_address_format(&prefix->address, text);
		else
			ip_prefix_format(prefix, text);
		(*field)[*n_field] = strdup(text);
		if (!(*field)[*n_field])
			return -ENOMEM;
	}
	return 0;
}

bool members_equal(const struct ip_prefix *a, size_t a_count, const struct ip_prefix *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (ip_prefix_compare(&a[i], &b[i]) != 0)
			return false;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/address.h"
#include "vnf/ctl/load.h"

#define GROUP_TEXT 64

/* One change and all that it points to; used again for every portion. */
struct slot {
	Sluice__V1__Change change;
	Sluice__V1__Resource resource;
	Sluice__V1__Route route;
	char prefix[IP_PREFIX_TEXT];
	char group[GROUP_TEXT];
};

struct portion {
	struct slot slot[LOAD_PORTION];
	Sluice__V1__Change *change[LOAD_PORTION];
	uint32_t line[LOAD_PORTION];
	size_t count;
};

static struct portion *portion_new(const struct options *options)
{
	struct portion *portion = calloc(1, sizeof(*portion));

	for (size_t i = 0; portion && i < LOAD_PORTION; i++) {
		struct slot *slot = &portion->slot[i];

		sluice__v1__change__init(&slot->change);
		sluice__v1__resource__init(&slot->resource);
		sluice__v1__route__init(&slot->route);
		slot->change.op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
		slot->change.resource = &slot->resource;
		slot->resource.kind_case = SLUICE__V1__RESOURCE__KIND_ROUTE;
		slot->resource.route = &slot->route;
		slot->route.vrf = (char *)options->vrf;
		slot->route.prefix = slot->prefix;
		portion->change[i] = &slot->change;
	}
	return portion;
}

static int fault(const struct load *load, uint32_t line, const char *what, const char *text)
{
	fprintf(stderr, "error: %s:%u: %s%.80s\n", load->file, line, what, text);
	return FAILED;
}

static int check_prefix(const struct load *load, uint32_t line, const char *text)
{
	struct ip_prefix prefix;

	switch (ip_prefix_parse(text, &prefix)) {
	case 0:
		return DONE;
	case -EDOM:
		return fault(load, line, "bits are set beyond the prefix's length: ", text);
	case -ERANGE:
		return fault(load, line, "longer than its address: ", text);
	default:
		return fault(load, line, "not a prefix such as 203.0.113.0/24 or 2001:db8::/32: ", text);
	}
}

/* A line without comment and line end. */
static int add_line(struct load *load, struct portion *portion, char *text, uint32_t line)
{
	char *rest, *prefix = strtok_r(text, " \t\r", &rest), *group = strtok_r(NULL, " \t\r", &rest);
	struct slot *slot = &portion->slot[portion->count];

	if (!prefix)
		return DONE;
	if (check_prefix(load, line, prefix))
		return FAILED;
	if (strtok_r(NULL, " \t\r", &rest))
		return fault(load, line, "more than a prefix and a next-hop group", "");
	if (group && strlen(group) >= GROUP_TEXT)
		return fault(load, line, "a name has 63 bytes at most: ", group);
	if (!group && !load->session->options->next_hop_group)
		return fault(load, line, "no next-hop group here, and no --next-hop-group for all", "");
	strcpy(slot->prefix, prefix);
	if (group)
		slot->route.next_hop_group = strcpy(slot->group, group);
	else
		slot->route.next_hop_group = (char *)load->session->options->next_hop_group;
	portion->line[portion->count++] = line;
	return DONE;
}

static int flush(struct load *load, struct portion *portion)
{
	int rc = load_send(load, portion->change, portion->line, portion->count);

	portion->count = 0;
	return rc;
}

static int read_lines(struct load *load, struct portion *portion)
{
	FILE *stream = load_input_stream(load->input);
	char text[256];
	int rc = DONE;

	for (uint32_t line = 1; rc == DONE && fgets(text, sizeof(text), stream); line++) {
		size_t length = strcspn(text, "#\n");

		if (text[length] == '#')
			while (!strchr(text + length, '\n') &&
			       fgets(text + length, (int)(sizeof(text) - length), stream))
				;
		else if (!text[length] && !feof(stream))
			return fault(load, line, "a line of more than 254 bytes", "");
		text[length] = '\0';
		rc = add_line(load, portion, text, line);
		if (rc == DONE && portion->count == LOAD_PORTION)
			rc = flush(load, portion);
	}
	return rc == DONE && portion->count ? flush(load, portion) : rc;
}

int load_list(struct load *load)
{
	struct portion *portion;
	int rc;

	if (!load->session->options->vrf) {
		fprintf(stderr, "error: a list of prefixes needs --vrf\n");
		return FAILED;
	}
	portion = portion_new(load->session->options);
	if (!portion)
		return out_of_memory();
	rc = read_lines(load, portion);
	free(portion);
	return rc;
}

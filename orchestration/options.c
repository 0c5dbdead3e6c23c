/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/spec/spec.h"
#include "vnf/ctl/cli_complete.h"

static int set_output(void *place, const char *value)
{
	*(bool *)place = strcmp(value, "json") == 0;
	if (*(bool *)place || strcmp(value, "table") == 0)
		return 0;
	fprintf(stderr, "error: --output %s: not one of table, json\n", value);
	return -1;
}

static void offer_outputs(struct cli_completion *completion)
{
	cli_offer(completion, "table");
	cli_offer(completion, "json");
}

static int set_replica(void *place, const char *value)
{
	unsigned long number;
	char *end;

	number = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || number >= SPEC_REPLICAS) {
		fprintf(stderr, "error: --replica %s: a number from 0 to %d is expected\n", value, SPEC_REPLICAS - 1);
		return -1;
	}
	*(unsigned int *)place = (unsigned int)number;
	return 0;
}

#define AT(member) offsetof(struct options, member)

/* clang-format off */
const struct cli_option options_table[] = {
	{"file", 'f', "SPEC", TAKES_SPEC, "the description of the VNF, in YAML", cli_set_text, AT(spec), cli_offer_files},
	{"check", 'n', NULL, 0, "with -f alone: as the command check", cli_set_flag, AT(check), NULL},
	{"connect", 0, "URI", TAKES_CONNECT, "libvirt's, default qemu:///system", cli_set_text, AT(connect), NULL},
	{"output", 'o', "FORMAT", TAKES_OUTPUT, NULL, set_output, AT(json), offer_outputs},
	{"image", 0, "NEW", TAKES_IMAGE, NULL, cli_set_text, AT(image), cli_offer_files},
	{"once", 0, NULL, TAKES_ONCE, NULL, cli_set_flag, AT(once), NULL},
	{"replica", 0, "N", TAKES_REPLICA, NULL, set_replica, AT(replica), NULL},
	{.name = NULL},
};
/* clang-format on */

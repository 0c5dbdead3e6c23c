/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/spec/spec.h"
#include "vnf/ctl/cli_complete.h"

#define OF(options) ((struct options *)(options))

static int set_spec(void *options, const char *value)
{
	OF(options)->spec = value;
	return 0;
}

static int set_check(void *options, const char *value)
{
	(void)value;
	OF(options)->check = true;
	return 0;
}

static int set_connect(void *options, const char *value)
{
	OF(options)->connect = value;
	return 0;
}

static int set_output(void *options, const char *value)
{
	OF(options)->json = strcmp(value, "json") == 0;
	if (OF(options)->json || strcmp(value, "table") == 0)
		return 0;
	fprintf(stderr, "error: --output %s: not one of table, json\n", value);
	return -1;
}

static void offer_outputs(struct cli_completion *completion)
{
	cli_offer(completion, "table");
	cli_offer(completion, "json");
}

static int set_image(void *options, const char *value)
{
	OF(options)->image = value;
	return 0;
}

static int set_once(void *options, const char *value)
{
	(void)value;
	OF(options)->once = true;
	return 0;
}

static int set_replica(void *options, const char *value)
{
	unsigned long number;
	char *end;

	number = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || number >= SPEC_REPLICAS) {
		fprintf(stderr, "error: --replica %s: a number from 0 to %d is expected\n", value, SPEC_REPLICAS - 1);
		return -1;
	}
	OF(options)->replica = (unsigned int)number;
	return 0;
}

/* clang-format off */
const struct cli_option options_table[] = {
	{"file", 'f', "SPEC", TAKES_SPEC, "the description of the VNF, in YAML", set_spec, cli_offer_files},
	{"check", 'n', NULL, 0, "with -f alone: as the command check", set_check, NULL},
	{"connect", 0, "URI", TAKES_CONNECT, "libvirt's, default qemu:///system", set_connect, NULL},
	{"output", 'o', "FORMAT", TAKES_OUTPUT, NULL, set_output, offer_outputs},
	{"image", 0, "NEW", TAKES_IMAGE, NULL, set_image, cli_offer_files},
	{"once", 0, NULL, TAKES_ONCE, NULL, set_once, NULL},
	{"replica", 0, "N", TAKES_REPLICA, NULL, set_replica, NULL},
	{.name = NULL},
};
/* clang-format on */

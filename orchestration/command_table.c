/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "orchestration/commands.h"
#include "orchestration/driver.h"
#include "vnf/ctl/cli_complete.h"

/* Offers the names of the VNFs that there are. */
static void offer_vnfs(struct cli_completion *completion)
{
	const struct options *options = completion->options;
	struct error ignored = {0};

	for (enum spec_driver i = SPEC_NETNS; i <= SPEC_LIBVIRT; i++) {
		const struct driver_ops *ops = driver_ops_of(i);
		struct driver *driver = ops->open(options->connect, NULL, &ignored);
		struct instance_list list = {0};

		if (driver && ops->find(driver, NULL, &list, &ignored) == 0)
			instance_list_sort(&list);
		for (size_t j = 0; j < list.count; j++)
			if (j == 0 || strcmp(list.instance[j].vnf, list.instance[j - 1].vnf) != 0)
				cli_offer(completion, list.instance[j].vnf);
		instance_list_free(&list);
		ops->close(driver);
	}
}

const struct cli_command commands[] = {
	{"check", NULL, 0, 0, TAKES_SPEC, command_check, "-f SPEC",
	 "Reads the spec, reports all that is wrong with it and all that this machine lacks for it, and changes\n"
	 "nothing.\n\nExample: sluice-orch check -f edge.yaml",
	 NULL, NULL},
	{"up", NULL, 0, 0, TAKES_SPEC, command_up, "-f SPEC",
	 "Makes the VNF match the spec: keeps the replicas that are ready, makes those that are missing, removes "
	 "those\n"
	 "that are too many. A replica is ready when gRPC serves, day 0 is applied and every stage is up. After a\n"
	 "failure it removes all that it made.\n\n"
	 "Example: sluice-orch up -f edge.yaml",
	 NULL, NULL},
	{"status", NULL, 0, 1, TAKES_SPEC | TAKES_OUTPUT | TAKES_CONNECT, command_status,
	 "[NAME | -f SPEC] [-o table|json] [--connect URI]",
	 "Shows the instances of a VNF, or of all. Exit code 0: all are ready, 1: some are not.\n\n"
	 "Example: sluice-orch status edge",
	 offer_vnfs, NULL},
	{"scale", NULL, 1, 1, TAKES_SPEC, command_scale, "N -f SPEC",
	 "Brings the VNF to N replicas, 1 to 32, as up does.\n\nExample: sluice-orch scale 3 -f edge.yaml", NULL, NULL},
	{"heal", NULL, 0, 0, TAKES_SPEC | TAKES_ONCE, command_heal, "-f SPEC [--once]",
	 "Watches the VNF until it is interrupted. A part that ends is started again, with longer and longer pauses\n"
	 "while that fails, and gets back the configuration that it had.\n"
	 "  --once   ends as soon as all is well\n\nExample: sluice-orch heal -f edge.yaml",
	 NULL, NULL},
	{"upgrade", NULL, 0, 0, TAKES_SPEC | TAKES_IMAGE, command_upgrade, "-f SPEC --image NEW",
	 "Replaces the instances one after the other: the new one starts, gets the old one's configuration, then its\n"
	 "networks; then the old one ends. A failure before that leaves the old one as it was.\n\n"
	 "Example: sluice-orch upgrade -f edge.yaml --image sluice-2.qcow2",
	 NULL, NULL},
	{"down", NULL, 0, 1, TAKES_SPEC | TAKES_CONNECT, command_down, "NAME | -f SPEC [--connect URI]",
	 "Removes all of a VNF, half-made parts too, whoever started it.\n\n"
	 "Example: sluice-orch down edge",
	 offer_vnfs, NULL},
	{"xml", NULL, 0, 0, TAKES_SPEC | TAKES_REPLICA, command_xml, "-f SPEC [--replica N]",
	 "Prints the domain's XML and starts nothing.\n\nExample: sluice-orch xml -f edge.yaml --replica 1", NULL,
	 NULL},
	{"version", NULL, 0, 0, 0, NULL, "", "Prints the version of sluice-orch.\n\nExample: sluice-orch version", NULL,
	 NULL},
	{"help", NULL, 0, 1, 0, NULL, "[COMMAND]", "Prints this, or help on a command.\n\nExample: sluice-orch help up",
	 cli_offer_commands, NULL},
	{.name = NULL},
};

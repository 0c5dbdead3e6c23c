/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl: programs and watches a Sluice router over gRPC. */
#include <string.h>

#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/commands.h"

static const struct cli cli = {
	.program = "sluicectl",
	.version = SLUICE_VERSION,
	.commands = commands,
	.options = options_table,
	.exit_codes =
		"Exit codes: 0 done, 1 differences (diff), not confirmed (apply), an error found (preflight) or not "
		"serving\n(health), 2 error, 3 try again: no answer, or the router's state moved on. See sluicectl(1) "
		"and "
		"sluice-yaml(5).\n",
};

static int run(struct options *options, int argc, char **argv)
{
	struct session session = {.options = options};
	struct cli_line line;
	int rc;

	if (argc > 1 && strcmp(argv[1], CLI_COMPLETE) == 0)
		return cli_complete(&cli, argv + 2, argc - 2, options);
	if (cli_parse(&cli, &line, argc, argv, options) || options_check(options))
		return FAILED;
	rc = cli_run(&cli, &line, &session);
	session_end(&session);
	return cli_finish(rc);
}

int main(int argc, char **argv)
{
	struct options options;
	int rc = FAILED;

	if (options_init(&options, argc) == 0)
		rc = run(&options, argc, argv);
	options_free(&options);
	return rc;
}

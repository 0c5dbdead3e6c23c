/* SPDX-License-Identifier: Apache-2.0 */
/* sluice-orch: spins up Sluice VNFs in network namespaces or on libvirt, and keeps them up. */
#include <string.h>

#include "orchestration/commands.h"
#include "vnf/ctl/cli_complete.h"

static const struct cli cli = {
	.program = "sluice-orch",
	.version = SLUICE_VERSION,
	.commands = commands,
	.options = options_table,
	.exit_codes = "Exit codes: 0 done, 1 not ready (status), 2 error. See sluice-orch(1).\n",
};

/* With --check, whatever the command, only the spec is read; no command is needed then. */
static int run(const struct cli_line *line, struct options *options)
{
	const struct cli_command *command;
	char **arguments;
	int rc;

	if (line->count == 0 && options->check && options->spec && !line->version)
		return command_check(options, line->arguments);
	command = cli_select(&cli, line, &arguments, &rc);
	if (!command)
		return rc;
	return options->check ? command_check(options, arguments) : command->run(options, arguments);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct cli_line line;

	if (argc > 1 && strcmp(argv[1], CLI_COMPLETE) == 0)
		return cli_complete(&cli, argv + 2, argc - 2, &options);
	if (cli_parse(&cli, &line, argc, argv, &options))
		return FAILED;
	return cli_finish(run(&line, &options));
}

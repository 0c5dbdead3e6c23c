/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/load.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/ctl/commands.h"
#include "vnf/ctl/yaml_read.h"

struct yaml_load {
	struct change_list list;
	struct load *load;
	int rc;
};

/* The changes read so far go out and make room for the next. */
static int send_read(struct change_list *list, void *context)
{
	struct yaml_load *yaml = context;
	uint32_t *line = calloc(list->count, sizeof(*line));

	if (!line) {
		yaml->rc = out_of_memory();
	} else {
		for (size_t i = 0; i < list->count; i++)
			line[i] = list->origin[i].line;
		yaml->rc = load_send(yaml->load, list->change, line, list->count);
	}
	free(line);
	change_list_drain(list);
	return yaml->rc ? -ECANCELED : 0;
}

static int load_yaml(struct load *load)
{
	struct yaml_load yaml = {.load = load};
	struct error error = {0};

	yaml.list.full = LOAD_PORTION;
	yaml.list.on_full = send_read;
	yaml.list.context = &yaml;
	yaml_read(&yaml.list, load_input_stream(load->input), load->file, &error);
	if (yaml.rc == DONE && error.count)
		yaml.rc = session_report(&error, NULL, 0);
	if (yaml.rc == DONE && yaml.list.count)
		send_read(&yaml.list, &yaml);
	change_list_free(&yaml.list);
	return yaml.rc;
}

int load_file(struct load *load)
{
	int rc = load_input_is_list(load->input) ? load_list(load) : load_yaml(load);

	if (rc == DONE && load_input_error(load->input)) {
		fprintf(stderr, "error: %s: %s\n", load->file, load_input_error(load->input));
		rc = FAILED;
	}
	return rc;
}

int command_load(void *context, char **arguments)
{
	struct session *session = context;
	struct load load = {.session = session, .file = arguments[0]};
	int rc = FAILED;

	load.input = load_input_open(arguments[0]);
	if (load.input)
		rc = load_begin(&load);
	if (load.input && rc == DONE)
		rc = load_file(&load);
	if (rc == DONE && load.sent)
		rc = load_commit(&load);
	else if (rc == DONE)
		printf("nothing to do\n");
	load_end(&load);
	load_input_close(load.input);
	return rc;
}

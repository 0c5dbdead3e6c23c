/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/netns/netns_daemon.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/namespace.h"
#include "orchestration/process.h"
#include "orchestration/run_folder.h"

void netns_daemon_image(char image[INSTANCE_FILE])
{
	static const char *const places[] = {"sluiced", "../sbin/sluiced", "../vnf/sluiced"};
	char self[PATH_MAX], file[PATH_MAX + 32], real[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	strcpy(image, "sluiced");
	if (length < 0)
		return;
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(file, sizeof(file), "%s/%s", self, places[i]);
		if (access(file, X_OK) == 0 && realpath(file, real) && strlen(real) <= NETNS_IMAGE) {
			strcpy(image, real);
			return;
		}
	}
}

int netns_daemon_start(const struct spec *spec, const struct instance *instance, struct error *error)
{
	char name[NAMESPACE_NAME], own[INSTANCE_NAME], folder[RUN_FOLDER_PATH], log[RUN_FOLDER_PATH];
	char socket[RUN_FOLDER_PATH], listen[RUN_FOLDER_PATH + 8];
	/* The host's own sluice.yaml is not for it. */
	const char *const command[] = {instance->image, "--config", "/dev/null",    "--listen", listen,
				       "--web",		"9111",	    "--log-format", "text",	NULL};
	const struct process process = {
		.mark = instance_name(instance, own),
		.argv = command,
		.folder = spec->folder,
		.log = run_folder_path(instance, "sluiced.log", log),
		/* where the next sluiced learns which programs on the ports are this one's */
		.runtime_directory = run_folder_path(instance, "", folder),
	};
	int outside, rc;

	run_folder_path(instance, "sluice.sock", socket);
	snprintf(listen, sizeof(listen), "unix:%s", socket);
	unlink(socket); /* of one that was killed: nobody shall take it for an answer */
	outside = namespace_visit(namespace_name(instance, NULL, name), error);
	if (outside < 0)
		return -1;
	rc = process_start(&process, error);
	namespace_return(outside);
	return rc;
}

bool netns_daemon_runs(const struct instance *instance)
{
	char mark[INSTANCE_NAME];

	return process_find(instance_name(instance, mark)) != 0;
}

void netns_daemon_last_words(const struct instance *instance, char words[160])
{
	char log[RUN_FOLDER_PATH], line[160];
	FILE *stream = fopen(run_folder_path(instance, "sluiced.log", log), "re");

	words[0] = '\0';
	while (stream && fgets(line, sizeof(line), stream)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			memcpy(words, line, sizeof(line));
	}
	if (stream)
		fclose(stream);
}

void netns_daemon_stop(const struct instance *instance, unsigned int grace_ms)
{
	char mark[INSTANCE_NAME];

	process_stop(process_find(instance_name(instance, mark)), grace_ms);
}

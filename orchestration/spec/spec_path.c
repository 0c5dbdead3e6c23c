/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/spec/spec_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *spec_folder(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? strndup(file, (size_t)(slash - file) + 1) : strdup("./");
}

static int anchor_path(const struct spec *spec, char **path)
{
	char *whole, *real;

	if (!*path || (*path)[0] == '/')
		return 0;
	if (asprintf(&whole, "%s%s", spec->folder, *path) < 0)
		return -1;
	/* Others read it with another working directory. A file that does not exist is reported by the name as
	 * written. */
	real = realpath(whole, NULL);
	free(*path);
	*path = real ? real : whole;
	if (real)
		free(whole);
	return 0;
}

/* Keeps the links in the name itself, unlike anchor_path. */
static int anchor_name(const char *folder, char **name)
{
	char *whole;

	if (!*name || (*name)[0] == '/')
		return 0;
	if (asprintf(&whole, "%s/%s", folder, *name) < 0)
		return -1;
	free(*name);
	*name = whole;
	return 0;
}

static int anchor_tls(struct spec *spec)
{
	struct spec_text *texts[] = {&spec->tls.ca, &spec->tls.certificate, &spec->tls.key, &spec->tls.client_ca};
	struct spec_list *lists[] = {&spec->tls.server_certificate, &spec->tls.server_key};
	char *folder = realpath(spec->folder, NULL);
	int rc = folder ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
		rc = anchor_name(folder, &texts[i]->text);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t j = 0; rc == 0 && j < lists[i]->count; j++)
			rc = anchor_name(folder, &lists[i]->text[j]);
	}
	free(folder);
	return rc;
}

int spec_anchor(struct spec *spec)
{
	int rc = anchor_path(spec, &spec->image.text) | anchor_path(spec, &spec->storage.text) | anchor_tls(spec);

	for (size_t i = 0; i < spec->day0.count; i++)
		rc |= anchor_path(spec, &spec->day0.text[i]);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/spec/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_list(struct spec_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->text[i]);
	free(list->text);
	free(list->line_of);
}

void spec_free(struct spec *spec)
{
	struct spec_text *texts[] = {&spec->name,
				     &spec->image,
				     &spec->connect,
				     &spec->storage,
				     &spec->management.bridge,
				     &spec->management.gateway,
				     &spec->tls.ca,
				     &spec->tls.certificate,
				     &spec->tls.key,
				     &spec->tls.client_ca};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]->text);
	free_list(&spec->tls.server_certificate);
	free_list(&spec->tls.server_key);
	free_list(&spec->day0);
	free_list(&spec->management.addresses);
	for (size_t i = 0; i < spec->networks; i++) {
		free(spec->network[i].name.text);
		free(spec->network[i].bridge.text);
		free_list(&spec->network[i].addresses);
	}
	for (size_t i = 0; i < spec->stages; i++) {
		free(spec->stage[i].name.text);
		free_list(&spec->stage[i].setup);
		free_list(&spec->stage[i].command);
	}
	free(spec->file);
	free(spec->folder);
	memset(spec, 0, sizeof(*spec));
}

void spec_fault(const struct spec *spec, uint32_t line, const char *path, struct error *error, const char *format, ...)
{
	char message[sizeof(error->fault[0].message)], field[sizeof(error->fault[0].field)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	snprintf(field, sizeof(field), "%s:%u%s%s", spec->file, line ? line : 1, *path ? ": " : "", path);
	error_add(error, ERROR_INVALID_ARGUMENT, field, "%s", message);
}

const char *spec_day0(const struct spec *spec, uint32_t replica)
{
	if (spec->day0.count <= 1)
		return spec->day0.count ? spec->day0.text[0] : NULL;
	return replica < spec->day0.count ? spec->day0.text[replica] : NULL;
}

const char *spec_tls_file(const struct spec_list *files, size_t address)
{
	return files->text[files->count > 1 ? address : 0];
}

size_t spec_ports(const struct spec *spec)
{
	return spec->networks + 2 * spec->stages;
}

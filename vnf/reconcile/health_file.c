/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts as text, a line each: key, "up" or "down", weight factor and detail, between tabs. Names have none. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/health_entry.h"

#define HEADER "sluice health 1\n"

static bool is_kept(const struct health_entry *entry)
{
	return entry && (!entry->verdict.up || entry->verdict.weight_factor != HEALTH_FACTOR_ALL);
}

char *health_write_text(const struct health_targets *health, size_t *size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, size);

	if (!file)
		return NULL;
	fputs(HEADER, file);
	for (uint32_t slot = 1; slot <= health->slots; slot++) {
		const struct health_entry *entry = health->slot[slot];

		if (is_kept(entry))
			fprintf(file, "%s\t%s\t%u\t%s\n", entry->key, entry->verdict.up ? "up" : "down",
				entry->verdict.weight_factor, entry->verdict.detail);
	}
	if (ferror(file)) {
		fclose(file);
		free(text);
		return NULL;
	}
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

/* The field at *at, which ends with the tab or with the line; NULL: there is none. */
static char *field(char **at)
{
	return *at ? strsep(at, "\t") : NULL;
}

/* NULL with *error. */
static struct health_entry *read_line(char *line, int *error)
{
	char *key = field(&line), *state = field(&line), *factor = field(&line), *detail = field(&line), *end;
	unsigned long number = factor ? strtoul(factor, &end, 10) : 0;
	struct health_entry *entry;

	*error = -EINVAL;
	if (!detail || !*factor || *end || number > HEALTH_FACTOR_ALL || strlen(key) >= HEALTH_KEY_BYTES ||
	    (strcmp(state, "up") != 0 && strcmp(state, "down") != 0))
		return NULL;
	*error = -ENOMEM;
	entry = health_entry_new(key);
	if (!entry)
		return NULL;
	entry->verdict.up = strcmp(state, "up") == 0;
	entry->verdict.weight_factor = (uint16_t)number;
	snprintf(entry->verdict.detail, sizeof(entry->verdict.detail), "%s", detail);
	entry->reported = true;
	return entry;
}

static int take_up(struct health_targets *health, char *line)
{
	int error;
	struct health_entry *entry = read_line(line, &error);

	if (!entry)
		return error;
	if (health_find(health, entry->key) || !health_reserve(health, 1)) {
		error = health_find(health, entry->key) ? -EINVAL : -ENOMEM;
		health_entry_free(entry);
		return error;
	}
	health_add(health, entry);
	return 0;
}

int health_read_text(struct health_targets *health, const char *text, size_t size)
{
	char *copy = strndup(text, size), *at = copy, *line;
	int error = copy ? 0 : -ENOMEM;

	if (copy && (strncmp(copy, HEADER, strlen(HEADER)) != 0 || strlen(copy) != size || copy[size - 1] != '\n'))
		error = -EINVAL;
	at = error ? NULL : copy + strlen(HEADER);
	while (!error && *at) {
		line = strsep(&at, "\n");
		error = take_up(health, line);
	}
	free(copy);
	health->taken_up = !error;
	for (uint32_t slot = 1; error && slot <= health->slots; slot++)
		if (health->slot[slot])
			health_remove(health, health->slot[slot]);
	return error;
}

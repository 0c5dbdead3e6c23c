/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/instance.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {"active", "standby", "retired"};

const char *instance_name(const struct instance *instance, char text[INSTANCE_NAME])
{
	snprintf(text, INSTANCE_NAME, "%s-%u%c", instance->vnf, instance->replica, instance->letter);
	return text;
}

int instance_parse(const char *name, struct instance *instance)
{
	const char *dash = strrchr(name, '-');
	unsigned long replica;
	char *end;

	if (!dash || dash == name || dash - name >= INSTANCE_VNF || !isdigit((unsigned char)dash[1]))
		return -1;
	replica = strtoul(dash + 1, &end, 10);
	if (replica >= SPEC_REPLICAS || (*end != 'a' && *end != 'b') || end[1])
		return -1;
	memset(instance, 0, sizeof(*instance));
	memcpy(instance->vnf, name, (size_t)(dash - name));
	instance->replica = (uint32_t)replica;
	instance->letter = *end;
	return 0;
}

const char *instance_role_name(enum instance_role role)
{
	return roles[role];
}

enum instance_role instance_role_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(name, roles[i]) == 0)
			return (enum instance_role)i;
	}
	return ROLE_ACTIVE;
}

struct instance *instance_list_add(struct instance_list *list)
{
	struct instance *grown = reallocarray(list->instance, list->count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	list->instance = grown;
	return memset(&grown[list->count++], 0, sizeof(*grown));
}

static int compare(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;
	int order = strcmp(x->vnf, y->vnf);

	if (order)
		return order;
	if (x->replica != y->replica)
		return x->replica < y->replica ? -1 : 1;
	return x->letter - y->letter;
}

void instance_list_sort(struct instance_list *list)
{
	if (list->count)
		qsort(list->instance, list->count, sizeof(*list->instance), compare);
}

struct instance *instance_list_find(const struct instance_list *list, uint32_t replica, enum instance_role role)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->instance[i].replica == replica && list->instance[i].role == role)
			return &list->instance[i];
	}
	return NULL;
}

void instance_list_free(struct instance_list *list)
{
	free(list->instance);
	memset(list, 0, sizeof(*list));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody checks in these tests; the kinds' operations only want the rules' helpers to be there. */
#include <stdlib.h>

#include "vnf/control/kinds/check.h"

void check_fault(struct check *check, enum error_code code, const char *field, long index, const char *member,
		 const char *format, ...)
{
	(void)check;
	(void)code;
	(void)field;
	(void)index;
	(void)member;
	(void)format;
	abort();
}

void check_at_end(struct check *check, void (*rule)(struct check *check))
{
	(void)check;
	(void)rule;
	abort();
}

size_t check_differences(const struct check *check)
{
	(void)check;
	abort();
}

const struct dp_limits *check_router_limits(const struct check *check)
{
	(void)check;
	abort();
}

void check_walk(struct check *check, enum resource_kind kind, bool (*visit)(void *object, void *context), void *context)
{
	(void)check;
	(void)kind;
	(void)visit;
	(void)context;
	abort();
}

void check_changes(struct check *check, void (*visit)(const struct resource *after, void *context), void *context)
{
	(void)check;
	(void)visit;
	(void)context;
	abort();
}

bool check_is_new(const struct check *check, const struct resource *resource)
{
	(void)check;
	(void)resource;
	abort();
}

bool check_attribute(struct check *check, const struct resource *resource)
{
	(void)check;
	(void)resource;
	abort();
}

void *check_memory(struct check *check, enum resource_kind kind, size_t size)
{
	(void)check;
	(void)kind;
	(void)size;
	abort();
}

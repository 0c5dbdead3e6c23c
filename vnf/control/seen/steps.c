/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/steps.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/seen/facts.h"
#include "vnf/control/seen/verdict.h"

#define TO_OTHER_PROGRAM (-2)

static const struct {
	const char *name, *description;
} stages[] = {
#define STAGE(name, description) {#name, description},
	DP_STEPS(STAGE)
#undef STAGE
};

/* NULL: no memory. */
static Sluice__V1__Step *step_new(struct seen_names *names, const struct dp_step *before, const struct dp_step *now)
{
	Sluice__V1__Step *step = message_new(&sluice__v1__step__descriptor);
	struct facts facts = {.names = names, .before = before, .now = now, .step = step};

	if (!step)
		return NULL;
	if (now->kind < DP_STEP_COUNT)
		facts.failed = encode_text(&step->stage, stages[now->kind].name) ||
			       encode_text(&step->description, stages[now->kind].description);
	if (now->reason >= 0)
		facts.failed |= encode_text(&step->reason, reason_name((uint32_t)now->reason)) != 0;
	facts_of_headers(&facts);
	facts_of_stages(&facts);
	if (now->reason == TO_OTHER_PROGRAM)
		facts_add(&facts, "program", NULL, "goes on in the other program, from the beginning");
	if (!facts.failed)
		return step;
	message_free(step);
	return NULL;
}

int seen_steps(struct seen_names *names, const struct dp_step *step, size_t count, Sluice__V1__Step ***list,
	       size_t *listed)
{
	static const struct dp_step nothing;

	if (!count)
		return 0;
	*list = calloc(count, sizeof(struct Sluice__V1__Step *));
	if (!*list)
		return -ENOMEM;
	while (*listed < count) {
		const bool anew = !*listed || step[*listed - 1].reason == TO_OTHER_PROGRAM;
		Sluice__V1__Step *one = step_new(names, anew ? &nothing : &step[*listed - 1], &step[*listed]);

		if (!one)
			return -ENOMEM;
		(*list)[(*listed)++] = one;
	}
	return 0;
}

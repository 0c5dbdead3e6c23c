/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/packet_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vnf/core/text.h"
#include "vnf/core/color.h"
#include "vnf/ctl/options.h"

/* "source_port" as "source port". */
static void print_fact(const Sluice__V1__Fact *fact, bool color)
{
	for (const char *c = fact->name; *c; c++)
		putchar(*c == '_' ? ' ' : *c);
	if (*fact->value)
		text_clean(fact->value);
	printf(" %s%s%s", color_of(color && fact->kind, BOLD), fact->value, color_of(color && fact->kind, RESET));
}

static void print_step(const struct options *options, const Sluice__V1__Step *step)
{
	if (!step->n_facts && !*step->reason && options->output != OUTPUT_WIDE)
		return;
	printf("  %-13s", step->stage);
	for (size_t i = 0; i < step->n_facts; i++) {
		fputs(i ? ", " : " ", stdout);
		print_fact(step->facts[i], options->color);
	}
	if (*step->reason)
		printf("%s %s-> %s%s", step->n_facts ? "" : " ", color_of(options->color, BOLD), step->reason,
		       color_of(options->color, RESET));
	if (options->output == OUTPUT_WIDE)
		printf("%s(%s)", step->n_facts || *step->reason ? "  " : " ", step->description);
	putchar('\n');
}

void print_steps(const struct options *options, Sluice__V1__Step *const *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		print_step(options, steps[i]);
}

bool is_dropped(const Sluice__V1__PacketVerdict *verdict)
{
	return verdict && verdict->verdict == SLUICE__V1__VERDICT__VERDICT_DROPPED;
}

static const char *verdict_text(Sluice__V1__Verdict verdict)
{
	switch (verdict) {
	case SLUICE__V1__VERDICT__VERDICT_FORWARDED:
		return "forwarded";
	case SLUICE__V1__VERDICT__VERDICT_PUNTED:
		return "given to the kernel";
	case SLUICE__V1__VERDICT__VERDICT_DROPPED:
		return "dropped";
	case SLUICE__V1__VERDICT__VERDICT_ANSWERED:
		return "answered";
	default:
		return "unknown";
	}
}

void print_verdict(const struct options *options, const Sluice__V1__PacketVerdict *verdict)
{
	const enum color color = is_dropped(verdict) ? RED : GREEN;

	if (!verdict)
		return;
	printf("%s%s%s: ", color_of(options->color, color), verdict_text(verdict->verdict),
	       color_of(options->color, RESET));
	if (strcmp(verdict->reason, verdict_text(verdict->verdict)) != 0)
		printf("%s, ", verdict->reason);
	fputs(verdict->description, stdout);
	if (*verdict->device)
		text_clean(verdict->device);
	if (*verdict->interface)
		printf("; leaves by %s (%s)", verdict->interface, verdict->device);
	else if (*verdict->device)
		printf("; leaves by device %s", verdict->device);
	putchar('\n');
	if (*verdict->remedy)
		printf("  %sremedy:%s %s\n", color_of(options->color, YELLOW), color_of(options->color, RESET),
		       verdict->remedy);
}

const char *clock_text(uint64_t nanoseconds, char text[CLOCK_TEXT])
{
	const time_t seconds = (time_t)(nanoseconds / 1000000000);
	struct tm tm = {0};

	gmtime_r(&seconds, &tm);
	snprintf(text, CLOCK_TEXT, "%02d:%02d:%02d.%09" PRIu64, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100,
		 nanoseconds % 1000000000);
	return text;
}

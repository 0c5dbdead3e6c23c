/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Of linux/rtnetlink.h, and of FRR. */
static const struct {
	unsigned int number;
	const char *name;
} protocols[] = {
	{2, "kernel"}, {3, "boot"},	   {4, "static"},	{9, "ra"},	{11, "zebra"}, {12, "bird"},
	{16, "dhcp"},  {18, "keepalived"}, {42, "babel"},	{186, "bgp"},	{187, "isis"}, {188, "ospf"},
	{189, "rip"},  {190, "ripng"},	   {191, "nhrp"},	{192, "eigrp"}, {193, "ldp"},  {194, "sharp"},
	{195, "pbr"},  {196, "static"},	   {197, "openfabric"},
};

const char *cell_protocol(const char *number, char text[CELL_TEXT])
{
	char *end;
	unsigned long value = strtoul(number, &end, 10);

	snprintf(text, CELL_TEXT, "%s", number);
	for (size_t i = 0; *number && !*end && i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].number == value)
			return protocols[i].name;
	return text;
}

const char *cell_age(const char *number, char text[CELL_TEXT])
{
	char *end;
	unsigned long long seconds = strtoull(number, &end, 10) / 1000;

	if (!*number || *end)
		snprintf(text, CELL_TEXT, "%s", number);
	else if (seconds < 60)
		snprintf(text, CELL_TEXT, "%llus", seconds);
	else if (seconds < 3600)
		snprintf(text, CELL_TEXT, "%llum%02llus", seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(text, CELL_TEXT, "%lluh%02llum", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(text, CELL_TEXT, "%llud%02lluh", seconds / 86400, seconds / 3600 % 24);
	return text;
}

const char *cell_duration(const char *number, char text[CELL_TEXT])
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	char *end;
	double value = (double)strtoull(number, &end, 10);
	size_t unit = 0;

	snprintf(text, CELL_TEXT, "%s", number);
	if (!*number || *end)
		return text;
	while (value >= 999.5 && unit < 3) {
		value /= 1000;
		unit++;
	}
	snprintf(text, CELL_TEXT, "%.*f %s",
		 unit == 0 || value >= 99.95 ? 0
		 : value >= 9.995	     ? 1
					     : 2,
		 value, units[unit]);
	return text;
}

const char *cell_since(const char *time_text, char text[CELL_TEXT])
{
	struct tm parts = {.tm_isdst = -1};
	const char *end = strptime(time_text, "%F %T", &parts);
	char age[CELL_TEXT];
	double seconds;

	snprintf(text, CELL_TEXT, "%s", time_text);
	if (!end || *end)
		return text;
	seconds = difftime(time(NULL), mktime(&parts));
	snprintf(age, sizeof(age), "%.0f", seconds > 0 ? seconds * 1000 : 0);
	return cell_age(age, text);
}

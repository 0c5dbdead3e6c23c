/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/spec/interface_address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int interface_address_parse(const char *text, struct interface_address *address)
{
	const char *slash = strchr(text, '/');
	char part[IP_ADDRESS_TEXT];
	unsigned long length;
	char *end;

	if (!slash || slash - text >= IP_ADDRESS_TEXT || slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	memcpy(part, text, (size_t)(slash - text));
	part[slash - text] = '\0';
	length = strtoul(slash + 1, &end, 10);
	if (*end || ip_address_parse(part, &address->address) || length > (address->address.family == 4 ? 32 : 128))
		return -EINVAL;
	address->length = (uint8_t)length;
	return 0;
}
